import { hourMs } from './time.ts';

/** What requests came to. */
export interface UsageCounts {
  requests: number;
  /** Cost units charged by rate limits. */
  units: number;
  adds: number;
  searches: number;
  /** Requests answered with an error of any kind. */
  errors: number;
  /** Those among them that were over a rate limit. */
  limited: number;
}

/** The use of a project within one hour, as one process counted it. */
export interface Usage {
  project: string;
  /** Beginning of the hour, ms since 1970. */
  hour: number;
  /** By the id of the API key. */
  keys: { [key: string]: UsageCounts };
}

/** Beginning of the hour of a moment. */
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs;

export const noUsage: UsageCounts = {
  requests: 0,
  units: 0,
  adds: 0,
  searches: 0,
  errors: 0,
  limited: 0,
};

export const addUsage = (a: UsageCounts, b: UsageCounts): UsageCounts => ({
  requests: a.requests + b.requests,
  units: a.units + b.units,
  adds: a.adds + b.adds,
  searches: a.searches + b.searches,
  errors: a.errors + b.errors,
  limited: a.limited + b.limited,
});
