import { outageKey } from '../../domain/keys.ts';
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

/** Failures that a turn's own request may cause while the service answers others: 404, 5xx, no answer in time. */
const mayBeOfTurn: ReadonlySet<string> = new Set([
  'model_unknown',
  'model_unavailable',
  'model_timeout',
]);

/**
 * Opens the breaker after a failure that is not about a turn. One that a turn's own request may have caused counts only
 * when a probe fails, too; undefined: the model serves others, and the failure is about the turn.
 * @throws the signal's reason once it aborted
 */
export const outageAfterFailure = async (
  platform: Platform,
  failure: ServiceFailure,
  signal: AbortSignal,
): Promise<Outage | undefined> => {
  if (failure.retryAfterMs !== undefined || !mayBeOfTurn.has(failure.code))
    return open(platform, failure);
  const answer = await probe(platform, signal);
  return answer.ok ? undefined : open(platform, answer);
};
