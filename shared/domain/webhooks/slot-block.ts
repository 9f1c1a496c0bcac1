import { recordSuccesses } from './breaker.ts';
import type { Endpoint } from './endpoint.ts';
import { freshHealth } from './endpoint-health.ts';
import { type EndpointLimiter, slotsTaken, withoutExpired } from './endpoint-limiter.ts';

/** Request of a process for a block: slots that its attempts use without a further write of the limiter. */
export interface BlockRequest {
  token: string;
  until: number;
  /** Attempts that the process would start now, those in flight included. */
  wanted: number;
  inFlight: number;
}

/** A process that waits for a block is counted for so long, ms. */
const waitingMs = 5_000;

/**
 * Whether processes may have blocks: only the number of attempts in flight limits the endpoint. A rate limit, an order and a
 * breaker that is not closed need one limiter write for each attempt.
 */
export const allowsBlocks = (
  { breaker }: EndpointLimiter,
  { status, ordered, rateLimit }: Endpoint,
): boolean =>
  status === 'active' &&
  !ordered &&
  rateLimit === undefined &&
  breaker.openUntil === undefined &&
  breaker.halfOpenLimit === undefined;

/** Adds the successes of a block to breaker and health. */
export const withSuccesses = (
  limiter: EndpointLimiter,
  successes: number,
  now: number,
): EndpointLimiter =>
  successes === 0
    ? limiter
    : {
        ...limiter,
        breaker: recordSuccesses(limiter.breaker, successes, now),
        health: freshHealth(now),
      };

/** Reduces a block to what is in flight; removes one without attempts. */
export const withoutIdleSlots = (
  limiter: EndpointLimiter,
  { token, inFlight }: Pick<BlockRequest, 'token' | 'inFlight'>,
): EndpointLimiter =>
  limiter.slots.some((slot) => slot.token === token)
    ? {
        ...limiter,
        slots: limiter.slots.flatMap((slot) => {
          if (slot.token !== token) return [slot];
          return inFlight > 0 ? [{ ...slot, count: inFlight }] : [];
        }),
      }
    : limiter;

/**
 * Grants or renews a block: an equal share of the limit for each process with a block or waiting for one, as far as slots are
 * free. A process that gets none waits, so that the others take less at their next renewal. Attempts in flight keep their slots.
 */
export const renewBlock = (
  before: EndpointLimiter,
  { maxInFlight }: Endpoint,
  { token, until, wanted, inFlight }: BlockRequest,
  now: number,
): { limiter: EndpointLimiter; count: number } => {
  const limiter = withoutExpired(before, now);
  const own = limiter.slots.find((slot) => slot.token === token);
  const others = limiter.slots.filter((slot) => slot !== own);
  const processes = others.filter(({ count }) => count !== undefined).length + 1;
  const share = Math.max(1, Math.floor(maxInFlight / processes));
  const free = maxInFlight - slotsTaken(others);
  const count = Math.max(inFlight, Math.min(wanted, share, free), 0);
  if (count === 0 && own?.count === 0) return { limiter: before, count };
  const slot = { token, count, until: count === 0 ? now + waitingMs : until };
  return { limiter: { ...limiter, slots: [...others, slot] }, count };
};
