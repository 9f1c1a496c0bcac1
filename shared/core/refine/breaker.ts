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
import type { LanguageModel, Probe } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { outageIsAt } from '../conditions.ts';
import { put } from '../steps.ts';

/**
 * Circuit breaker of the language model, one for the installation. Its state is an item of the store, so that many workers do
 * not each find out for themselves that a model is dead, and one of them probes for all. It is written when the breaker
 * opens, probes or closes; each process reads it at most once in `freshMs`.
 */
const freshMs = 5_000;

interface Seen {
  at: number;
  outage: Outage | undefined;
}

/** State that a process read or wrote last, by the model it is about. */
const seen = new WeakMap<LanguageModel, Seen>();

const remember = (
  { languageModel, clock }: Platform,
  outage: Outage | undefined,
): Outage | undefined => {
  seen.set(languageModel, { at: clock.now(), outage });
  return outage;
};

const readNow = async (platform: Platform): Promise<Outage | undefined> =>
  remember(platform, await platform.store.get(outageKey()));

const readFresh = async (platform: Platform): Promise<Outage | undefined> => {
  const known = seen.get(platform.languageModel);
  return known && platform.clock.now() < known.at + freshMs ? known.outage : readNow(platform);
};

/** Writes the next state; false when another process wrote one meanwhile. */
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

/** The outage of the language model that stands now; undefined while the breaker is closed. May lag by some seconds. */
export const currentOutage = async (platform: Platform): Promise<Outage | undefined> => {
  const outage = await readFresh(platform);
  return isOpen(outage) ? outage : undefined;
};

/**
 * Probes the model by its fixed tiny request, for a bounded time.
 * @throws the signal's reason once it aborted
 */
const probe = async ({ languageModel, clock }: Platform, signal: AbortSignal): Promise<Probe> => {
  const [late, answered] = [new AbortController(), new AbortController()];
  void clock.sleep(probeMs, answered.signal).then(() => late.abort());
  try {
    return await languageModel.probe(AbortSignal.any([signal, late.signal]));
  } catch (error) {
    signal.throwIfAborted();
    if (!late.signal.aborted) throw error;
    const message = `The language model did not answer a probe within ${probeMs / 1_000} s.`;
    return { ok: false, code: 'model_unavailable', message };
  } finally {
    answered.abort();
  }
};

/** Opens the breaker, or finds it open. */
const open = async (platform: Platform, failure: ServiceFailure): Promise<Outage> => {
  for (;;) {
    const before = await readNow(platform);
    if (isOpen(before)) return before;
    const next = afterFailure(before, failure, platform.clock.now());
    if (!(await write(platform, before, next))) continue;
    platform.telemetry.log('warn', 'model.outage', { code: failure.code, failures: next.failures });
    return next;
  }
};

/** Probes for everybody; the outage that remains. */
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

/** Whether an open breaker's pause is over, so that a probe is to be made. */
export const isProbeDue = (outage: Outage, now: number): boolean =>
  claimedForProbe(outage, now) !== undefined;

/**
 * The outage that keeps the caller from asking the model now; undefined: it may. Where the pause of an open breaker is
 * over, one caller probes; its answer counts for all.
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
 * Frees the probe that a process which is gone had claimed, so that nobody waits for its claim to run out. Only for a
 * caller that knows that nobody else refines.
 */
export const freeAbandonedProbe = async (platform: Platform): Promise<void> => {
  const outage = await readNow(platform);
  if (isOpen(outage) && outage.probeUntil !== undefined)
    await write(platform, outage, afterBrokenProbe(outage));
};

/** Failures that a turn's own request often causes while the service answers others: 404, 5xx, no answer in time. */
const mayBeOfTurn: ReadonlySet<string> = new Set([
  'model_unknown',
  'model_unavailable',
  'model_timeout',
]);

/**
 * Opens the breaker after a failure of the service. One that a turn's own request may have caused counts only when a probe
 * fails, too; undefined: the model serves others, and the failure is about the turn. Every failure may be of the turn once
 * an outage that its request ran into has ended: a limit or a filter refuses that request however often the service
 * comes back, and would open the breaker for everybody each time.
 * @param failedIn version of the outage that the last request for the same turns ran into
 * @throws the signal's reason once it aborted
 */
export const outageAfterFailure = async (
  platform: Platform,
  { failure, failedIn }: { failure: ServiceFailure; failedIn: number | undefined },
  signal: AbortSignal,
): Promise<Outage | undefined> => {
  const newest = await readNow(platform);
  const hasEndedSince = failedIn !== undefined && (newest?.version ?? 0) > failedIn;
  if (isOpen(newest)) return newest;
  if (!hasEndedSince && !mayBeOfTurn.has(failure.code)) return open(platform, failure);
  const answer = await probe(platform, signal);
  if (answer.ok) return undefined;
  const { retryAfterMs } = failure;
  return open(platform, retryAfterMs === undefined ? answer : { retryAfterMs, ...answer });
};
