import { type Breaker, closedBreaker, judged, type Verdict } from './breaker.ts';
import { type Endpoint, inFlightLimit } from './endpoint.ts';
import { afterAttempt, freshHealth, type Health } from './endpoint-health.ts';

/** The right to have one attempt in flight. It runs out by itself, so a crash leaks nothing. */
interface Slot {
  token: string;
  until: number;
  /** Let through by an open breaker, to find out. */
  probe?: boolean;
}

/**
 * What decides whether an endpoint may be tried now. While anything is parked behind it, and its endpoint is active, it
 * has the one due time for all of that.
 */
export interface Gate {
  endpoint: string;
  project: string;
  /** Rises with every write. */
  version: number;
  slots: readonly Slot[];
  /** With a rate limit: when the next attempt may begin. */
  nextAt?: number;
  breaker: Breaker;
  health: Health;
  /** Deliveries of this rank in line, or of higher ones, may be parked behind it; absent when none is. */
  front?: number;
  /** How often something was: whoever finds nothing parked must know that nothing came meanwhile. */
  parkings: number;
  /** Its endpoint was deleted: what is parked is cancelled. */
  closing?: boolean;
}

export const newGate = ({ id, project }: Endpoint, now: number): Gate => ({
  endpoint: id,
  project,
  version: 1,
  slots: [],
  breaker: closedBreaker(),
  health: freshHealth(now),
  parkings: 0,
});

/** As after a change of URL or a re-enabling: what was held against the endpoint is forgotten. */
export const freshGate = ({ nextAt: _, ...gate }: Gate, now: number): Gate => ({
  ...gate,
  breaker: closedBreaker(),
  health: freshHealth(now),
});

/** Who asks to pass. What a customer asks for by hand is not held back by a pause or a breaker. */
export interface Passage {
  /** Rank in line, for those who are not in it yet: they stay behind those who are. */
  rank?: number;
  token: string;
  /** When its slot runs out. */
  until: number;
  byHand: boolean;
}

const withoutExpired = (gate: Gate, now: number): Gate => ({
  ...gate,
  slots: gate.slots.filter(({ until }) => until > now),
});

const earliest = (times: readonly number[]): number | undefined =>
  times.length > 0 ? Math.min(...times) : undefined;

const limitOf = (gate: Gate, endpoint: Endpoint): number =>
  Math.min(inFlightLimit(endpoint), gate.breaker.ramp ?? Number.POSITIVE_INFINITY);

/**
 * From when on an attempt may pass, as far as is known now: at most `now` when one may pass at once, undefined when that
 * takes a resumption. Each of pause, breaker, in-flight cap and rate limit has a say.
 */
const opensAt = (
  gate: Gate,
  endpoint: Endpoint,
  now: number,
  byHand: boolean,
): number | undefined => {
  if (endpoint.status !== 'active' && !byHand) return undefined;
  const { openUntil } = gate.breaker;
  const isProbing = openUntil !== undefined && gate.slots.some(({ probe }) => probe);
  const isFull = gate.slots.length >= limitOf(gate, endpoint) || (isProbing && !byHand);
  const slotAt = isFull ? (earliest(gate.slots.map(({ until }) => until)) ?? now) : now;
  return Math.max(byHand ? now : (openUntil ?? now), slotAt, gate.nextAt ?? now);
};

/** Lets an attempt pass, with a slot of its own; or not. */
export const pass = (
  before: Gate,
  endpoint: Endpoint,
  { rank, token, until, byHand }: Passage,
  now: number,
): { passed: boolean; gate: Gate } => {
  const gate = withoutExpired(before, now);
  const isBehind = rank !== undefined && gate.front !== undefined && rank >= gate.front;
  const at = opensAt(gate, endpoint, now, byHand);
  if (at === undefined || at > now || (isBehind && !byHand)) return { passed: false, gate };
  const probe = gate.breaker.openUntil !== undefined && !byHand;
  const { rateLimit } = endpoint;
  return {
    passed: true,
    gate: {
      ...gate,
      slots: [...gate.slots, { token, until, ...(probe ? { probe } : {}) }],
      ...(rateLimit === undefined
        ? {}
        : { nextAt: Math.max(gate.nextAt ?? 0, now) + Math.ceil(1_000 / rateLimit) }),
    },
  };
};

/** Takes note that something of that rank is parked from now on. */
export const withParked = (gate: Gate, rank: number): Gate => ({
  ...gate,
  front: Math.min(rank, gate.front ?? rank),
  parkings: gate.parkings + 1,
});

/** Takes note of what stands first in line, if nothing joined since it was looked at. */
export const withFront = (gate: Gate, front: number | undefined, parkings: number): Gate => {
  if (gate.parkings !== parkings) return gate;
  const { front: _, ...rest } = gate;
  return front === undefined ? rest : { ...rest, front };
};

/** Gives a slot back and takes in how the attempt went. */
export const leave = (
  before: Gate,
  endpoint: Endpoint,
  token: string,
  outcome: Omit<Verdict, 'probe'> & { notification: string },
  now: number,
): Gate => {
  const probe = before.slots.some((slot) => slot.token === token && slot.probe === true);
  const gate = withoutExpired(before, now);
  return {
    ...gate,
    slots: gate.slots.filter((slot) => slot.token !== token),
    breaker: judged(gate.breaker, { ...outcome, probe }, { now, limit: inFlightLimit(endpoint) }),
    health: afterAttempt(gate.health, outcome, now),
  };
};

/** Whoever gave a slot back goes on with what is parked; should it have died, it is missed after this. */
const graceMs = 5_000;

/** When to look at what is parked; undefined when nothing is, or only a resumption can help. */
export const wakeAt = (
  gate: Gate,
  endpoint: Endpoint | undefined,
  now: number,
): number | undefined => {
  if (!endpoint) return gate.closing ? now : undefined;
  if (gate.front === undefined) return undefined;
  const at = opensAt(withoutExpired(gate, now), endpoint, now, false);
  return at === undefined || at > now ? at : now + graceMs;
};
