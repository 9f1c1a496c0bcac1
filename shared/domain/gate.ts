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

const limitOf = (gate: Gate, endpoint: Endpoint): number =>
  Math.min(inFlightLimit(endpoint), gate.breaker.ramp ?? Number.POSITIVE_INFINITY);

/** From when on time alone lets one pass: an open breaker and the rate limit have a say. */
const timedAt = ({ breaker, nextAt }: Gate, now: number, byHand: boolean): number =>
  Math.max(byHand ? now : (breaker.openUntil ?? now), nextAt ?? now);

/** All slots are taken, or the only one that a probe may have. */
const isFull = (gate: Gate, endpoint: Endpoint, byHand: boolean): boolean => {
  const isProbing =
    gate.breaker.openUntil !== undefined && gate.slots.some(({ probe }) => probe === true);
  return gate.slots.length >= limitOf(gate, endpoint) || (isProbing && !byHand);
};

/**
 * Lets an attempt pass, with a slot of its own, or not: because the gate is `shut`, by pause, breaker, in-flight cap or
 * rate limit, or because others stand in line before it.
 */
export const pass = (
  before: Gate,
  endpoint: Endpoint,
  { rank, token, until, byHand }: Passage,
  now: number,
): { outcome: 'passed' | 'shut' | 'behind'; gate: Gate } => {
  const gate = withoutExpired(before, now);
  const isHeld = endpoint.status !== 'active' && !byHand;
  if (isHeld || isFull(gate, endpoint, byHand) || timedAt(gate, now, byHand) > now)
    return { outcome: 'shut', gate };
  if (rank !== undefined && gate.front !== undefined && rank >= gate.front && !byHand)
    return { outcome: 'behind', gate };
  const probe = gate.breaker.openUntil !== undefined && !byHand;
  const { rateLimit } = endpoint;
  return {
    outcome: 'passed',
    gate: {
      ...gate,
      slots: [...gate.slots, { token, until, ...(probe ? { probe } : {}) }],
      ...(rateLimit === undefined ? {} : { nextAt: now + Math.ceil(1_000 / rateLimit) }),
    },
  };
};

/** How many may pass now, and, when the clock alone keeps them from it, from when on one may. */
export const roomOf = (
  before: Gate,
  endpoint: Endpoint,
  now: number,
): { room: number; opensAt?: number } => {
  const gate = withoutExpired(before, now);
  if (endpoint.status !== 'active' || isFull(gate, endpoint, false)) return { room: 0 };
  const timed = timedAt(gate, now, false);
  if (timed > now) return { room: 0, opensAt: timed };
  const isSingle = endpoint.rateLimit !== undefined || gate.breaker.openUntil !== undefined;
  return { room: isSingle ? 1 : limitOf(gate, endpoint) - gate.slots.length };
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

/** Gives a slot back of which nothing came. */
export const withoutSlot = (gate: Gate, token: string): Gate => ({
  ...gate,
  slots: gate.slots.filter((slot) => slot.token !== token),
});

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
    ...withoutSlot(gate, token),
    breaker: judged(gate.breaker, { ...outcome, probe }, { now, limit: inFlightLimit(endpoint) }),
    health: afterAttempt(gate.health, outcome, now),
  };
};

/** Whoever gave a slot back goes on with what is parked; should it have died, it is missed after this. */
const graceMs = 5_000;

/** When to look at what is parked. `opens`: by the clock alone, with nobody at work who would look by himself. */
export interface Wake {
  at: number;
  opens: boolean;
}

/** Undefined when nothing is parked, or only a resumption can help. */
export const wakeOf = (
  before: Gate,
  endpoint: Endpoint | undefined,
  now: number,
): Wake | undefined => {
  if (!endpoint) return before.closing ? { at: now, opens: true } : undefined;
  if (before.front === undefined || endpoint.status !== 'active') return undefined;
  const gate = withoutExpired(before, now);
  const timed = timedAt(gate, now, false);
  if (isFull(gate, endpoint, false))
    return { at: Math.max(timed, Math.min(...gate.slots.map(({ until }) => until))), opens: false };
  return timed > now ? { at: timed, opens: true } : { at: now + graceMs, opens: false };
};
