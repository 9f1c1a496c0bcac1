import { hourMs } from './time.ts';

/** Counts of requests by one key in one hour. */
export interface UsageCounts {
  requests: number;
  /** Cost units that the rate limits charged. */
  units: number;
  adds: number;
  searches: number;
  /** Requests answered with an error of any kind. */
  errors: number;
  /** Sensitive values that were masked or dropped. Absent in counts of earlier versions. */
  redacted?: number;
  /** Requests rejected by a rate limit; also counted in `errors`. */
  limited: number;
}

/** Counts of the work that requests led to, in one hour. */
export interface WorkCounts {
  /** Turns that were refined. */
  refinements: number;
  promptTokens: number;
  completionTokens: number;
  /** Attempts that a webhook endpoint accepted. */
  deliveries: number;
  /** Attempts that it did not. */
  failedDeliveries: number;
}

/** Usage of a project in one hour, as counted by one process. */
export interface Usage {
  project: string;
  /** Start of the hour, ms since 1970. */
  hour: number;
  /** Counts by the id of the API key. */
  keys: { [key: string]: UsageCounts };
  /** Absent where nothing was counted, and in counts of earlier versions. */
  work?: WorkCounts;
}

/** Part of the tokens of the language model of one day. */
export interface Spend {
  tokens: number;
  /** Rises with every write, for optimistic concurrency. */
  version: number;
}

/** Returns the start of the hour of a time; both in ms since 1970. */
export const hourOf = (at: number): number => Math.floor(at / hourMs) * hourMs;

export const noUsage: UsageCounts = {
  requests: 0,
  units: 0,
  adds: 0,
  searches: 0,
  errors: 0,
  limited: 0,
  redacted: 0,
};

export const addUsage = (a: UsageCounts, b: UsageCounts): UsageCounts => ({
  requests: a.requests + b.requests,
  units: a.units + b.units,
  adds: a.adds + b.adds,
  searches: a.searches + b.searches,
  errors: a.errors + b.errors,
  limited: a.limited + b.limited,
  redacted: (a.redacted ?? 0) + (b.redacted ?? 0),
});

export const noWork: WorkCounts = {
  refinements: 0,
  promptTokens: 0,
  completionTokens: 0,
  deliveries: 0,
  failedDeliveries: 0,
};

export const addWork = (a: WorkCounts, b: Partial<WorkCounts>): WorkCounts => ({
  refinements: a.refinements + (b.refinements ?? 0),
  promptTokens: a.promptTokens + (b.promptTokens ?? 0),
  completionTokens: a.completionTokens + (b.completionTokens ?? 0),
  deliveries: a.deliveries + (b.deliveries ?? 0),
  failedDeliveries: a.failedDeliveries + (b.failedDeliveries ?? 0),
});
