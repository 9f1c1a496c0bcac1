import {
  afterBrokenProbe,
  afterFailure,
  afterGoodProbe,
  claimedForProbe,
  isOpen,
  type Outage,
  probeMs,
  type ServiceFailure,
} from '../../domain/outage.ts';
import { outageKey } from '../../domain/table/keys.ts';
import type { Probe } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { outageIsAt } from '../conditions.ts';
import { put } from '../steps.ts';

/*
 * Circuit breaker of the language model, one per installation. Its state is an item of the store, written when the breaker
 * opens, probes or closes: all workers share one outage, and one of them probes for all.
 */

/** Cache time of the breaker's state in a process. */
const cacheMs = 5_000;

const remember = ({ caches, clock }: Platform, outage: Outage | undefined): Outage | undefined => {
  caches.outage = { readAt: clock.now(), outage };
  return outage;
};

const readNow = async (platform: Platform): Promise<Outage | undefined> =>
  remember(platform, await platform.store.get(outageKey()));

const readCached = async (platform: Platform): Promise<Outage | undefined> => {
  const cached = platform.caches.outage;
  return cached && platform.clock.now() < cached.readAt + cacheMs
    ? cached.outage
    : readNow(platform);
};

/** Writes the next state on condition of the version read (optimistic concurrency); false when another process was first. */
const write = async (
  platform: Platform,
  before: Outage | undefined,
  next: Outage,
): Promise<boolean> => {
  const { committed } = await commit(platform, [
    put(outageKey(), next, outageIsAt(before?.version ?? 0)),
  ]);
  if (committed) remember(platform, next);
  return committed;
};

/** The current outage of the language model; undefined while the breaker is closed. Up to 5 s old. */
export const currentOutage = async (platform: Platform): Promise<Outage | undefined> => {
  const outage = await readCached(platform);
  return isOpen(outage) ? outage : undefined;
};

/**
 * Probes the model with its fixed tiny request; no answer in time counts as a failed probe.
 * @throws the signal's reason once it aborted
 */
const probe = async ({ languageModel, clock }: Platform, signal: AbortSignal): Promise<Probe> => {
  const [timeout, answered] = [new AbortController(), new AbortController()];
  void clock.sleep(probeMs, answered.signal).then(() => timeout.abort());
  try {
    return await languageModel.probe(AbortSignal.any([signal, timeout.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (!timeout.signal.aborted) throw error;
    const message = `The language model did not answer a probe within ${probeMs / 1_000} s.`;
    return { ok: false, code: 'model_unavailable', message };
  } finally {
    answered.abort();
  }
};

/** Opens the breaker, unless another process has opened it. Returns the outage. */
const openBreaker = async (platform: Platform, failure: ServiceFailure): Promise<Outage> => {
  for (;;) {
    const before = await readNow(platform);
    if (isOpen(before)) return before;
    const next = afterFailure(before, failure, platform.clock.now());
    if (!(await write(platform, before, next))) continue;
    platform.telemetry.log('warn', 'model.outage', { code: failure.code, failures: next.failures });
    return next;
  }
};

/** Probes under a claim, on behalf of all workers. Returns the outage that remains. */
const probeClaimed = async (
  platform: Platform,
  claimed: Outage,
  signal: AbortSignal,
): Promise<Outage | undefined> => {
  const { clock, telemetry } = platform;
  let answer: Probe;
  try {
    answer = await probe(platform, signal);
  } catch (error) {
    await write(platform, claimed, afterBrokenProbe(claimed));
    throw error;
  }
  const now = clock.now();
  const next = answer.ok ? afterGoodProbe(claimed, now) : afterFailure(claimed, answer, now);
  if (!(await write(platform, claimed, next))) await readNow(platform);
  else if (answer.ok) telemetry.log('info', 'model.back', { outageMs: now - claimed.since });
  return currentOutage(platform);
};

/** Whether the pause of an open breaker is over and no other worker probes. */
export const isProbeDue = (outage: Outage, now: number): boolean =>
  claimedForProbe(outage, now) !== undefined;

/**
 * Returns the outage during which the model must not be asked; undefined when it may be asked. Once the pause of an open
 * breaker is over, one caller claims the probe and its result counts for all (half-open); a crash leaves the claim to
 * expire.
 * @throws the signal's reason once it aborted
 */
export const outageAfterProbe = async (
  platform: Platform,
  signal: AbortSignal,
): Promise<Outage | undefined> => {
  const outage = await currentOutage(platform);
  const claimed = outage && claimedForProbe(outage, platform.clock.now());
  if (!outage || !claimed) return outage;
  if (!(await write(platform, outage, claimed))) {
    const newest = await readNow(platform);
    return isOpen(newest) ? newest : undefined;
  }
  return probeClaimed(platform, claimed, signal);
};

/**
 * Ends the probe claim of a process that is gone, so that the next probe need not wait until it expires. To be called at
 * start, and only where no other process refines.
 */
export const releaseStaleProbe = async (platform: Platform): Promise<void> => {
  const outage = await readNow(platform);
  if (isOpen(outage) && outage.probeUntil !== undefined)
    await write(platform, outage, afterBrokenProbe(outage));
};

/** Failures that a turn's own request may cause while the model answers others: 404, 5xx, timeout. */
const ambiguousCodes: ReadonlySet<string> = new Set([
  'model_unknown',
  'model_unavailable',
  'model_timeout',
]);

/**
 * Opens the breaker after a failure of the service. Returns the outage; undefined when the model answers other requests,
 * so that the failure is about the turn. A failure that the turn's own request may have caused opens the breaker only if
 * a probe fails, too. Any failure is of that kind once an earlier outage that the same turns ran into has ended: a limit
 * or a filter refuses their request each time, and would open the breaker for all others each time.
 * @param outageVersion version of the outage that the last request for the same turns ran into
 * @throws the signal's reason once it aborted
 */
export const outageAfterFailure = async (
  platform: Platform,
  { failure, outageVersion }: { failure: ServiceFailure; outageVersion: number | undefined },
  signal: AbortSignal,
): Promise<Outage | undefined> => {
  const newest = await readNow(platform);
  const hasEndedSince = outageVersion !== undefined && (newest?.version ?? 0) > outageVersion;
  if (isOpen(newest)) return newest;
  if (!hasEndedSince && !ambiguousCodes.has(failure.code)) return openBreaker(platform, failure);
  const answer = await probe(platform, signal);
  if (answer.ok) return undefined;
  const { retryAfterMs } = failure;
  return openBreaker(platform, retryAfterMs === undefined ? answer : { retryAfterMs, ...answer });
};
