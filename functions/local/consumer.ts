import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Platform } from '../../shared/ports/platform.ts';
import type { Hint, HintConsumer } from '../../shared/ports/queue.ts';
import { errorFields } from '../error-fields.ts';
import type { HintHandler, HintLimits } from '../queue-handler.ts';
import { isPrompt, type Place, type WorkClasses } from './work-classes.ts';

/** As long as a function of the cloud would have. */
const budgetMs = 60_000;
const maxReceives = 5;
/** Failing hints whose tries are counted; of more than these each counts as the first. */
const maxTracked = 1_000;
const firstPauseMs = 1_000;
/** Hints begun in one turn of the event loop: requests come in between. */
const begunAtOnce = 32;

/** Of a pump without classes: the number of hints taken is the only limit. */
const anyPlace: Place = { limits: {}, leave: () => {} };

/**
 * Carries hints from a queue to a handler, several at once but no two identical ones: a hint that arrives while its
 * like is at work runs once more afterwards. One that fails comes again after a pause that doubles, five times at most;
 * what it stood for stays due, and the sweeper hints anew.
 *
 * @param stop takes no more hints and lets work under way begin nothing new; the promise resolves once it has ended
 * @param cancel asks that work to stop where it can be taken up again
 * @param atOnce hints taken at once, at most
 * @param classes gives each hint a place among the work under way; without it all that are taken are seen to
 * @param lull awaited before hints are taken
 */
export const runConsumer = async (
  { clock, telemetry, ids }: Pick<Platform, 'clock' | 'telemetry' | 'ids'>,
  queue: HintConsumer,
  handle: HintHandler,
  {
    stop,
    cancel,
    atOnce = 8,
    classes,
  }: { stop: AbortSignal; cancel: AbortSignal; atOnce?: number; classes?: WorkClasses },
  debounce?: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const atWork = new Map<string, Promise<void>>();
  const begun = new Set<string>();
  const rerun = new Set<string>();
  const failures = new Map<string, number>();

  const scheduleRetry = async (hint: Hint, body: string): Promise<void> => {
    const failed = (failures.get(body) ?? 0) + 1;
    failures.delete(body);
    if (failed === maxReceives) {
      telemetry.log('error', 'hint.dropped', { kind: hint.kind, project: hint.project });
      return;
    }
    if (failures.size < maxTracked) failures.set(body, failed);
    await queue.send([hint], firstPauseMs * 2 ** (failed - 1));
  };

  const perform = async (hint: Hint, body: string): Promise<void> => {
    const messageId = ids.next();
    let end = 0;
    const renew = (): void => {
      end = clock.now() + budgetMs;
    };
    /** What had to wait for its place lets requests pass first, as what is taken off the queue does. */
    const admitted = async (): Promise<void> => {
      if (!isPrompt(hint)) await debounce?.(stop);
      renew();
    };
    const place = classes ? await classes.enter(hint, admitted) : anyPlace;
    // What the hint stood for stays due.
    if (!place) return;
    renew();
    begun.add(body);
    const limits: HintLimits = {
      get deadlineAt() {
        return stop.aborted ? 0 : end;
      },
      signal: cancel,
      ...place.limits,
    };
    try {
      const answer = await handle({ Records: [{ messageId, body }] }, limits);
      if (answer.batchItemFailures.length > 0) await scheduleRetry(hint, body);
      else failures.delete(body);
    } finally {
      place.leave();
    }
  };

  /** Resolves when the next hint is done. One promise for all: a race over thousands would keep a reaction in each. */
  let nextDone = Promise.withResolvers<void>();

  const process = async (hint: Hint, body: string): Promise<void> => {
    try {
      await perform(hint, body);
    } finally {
      atWork.delete(body);
      begun.delete(body);
      nextDone.resolve();
    }
    if (rerun.delete(body)) await queue.send([hint]);
  };

  /** One that has not begun yet will see what its like stands for. */
  const begin = (hint: Hint): void => {
    const body = JSON.stringify(hint);
    if (begun.has(body)) rerun.add(body);
    else if (!atWork.has(body)) atWork.set(body, process(hint, body));
  };

  const take = async (): Promise<Hint[]> => {
    try {
      return await queue.receive(Math.min(atOnce - atWork.size, begunAtOnce), stop, debounce);
    } catch (error) {
      telemetry.log('warn', 'queue.receive_failed', errorFields(error));
      await clock.sleep(firstPauseMs, stop);
      return [];
    }
  };

  while (!stop.aborted) {
    const taken = await take();
    for (const hint of taken) begin(hint);
    if (taken.length === begunAtOnce) await nextTurn();
    if (atWork.size >= atOnce) {
      nextDone = Promise.withResolvers<void>();
      await nextDone.promise;
    }
  }
  await Promise.all(atWork.values());
  await classes?.idle();
};
