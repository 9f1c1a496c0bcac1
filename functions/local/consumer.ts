import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Platform } from '../../shared/ports/platform.ts';
import type { Hint, HintConsumer } from '../../shared/ports/queue.ts';
import { errorFields } from '../error-fields.ts';
import type { HintHandler, HintLimits } from '../queue-handler.ts';
import { isShort, type Slot, type WorkClasses } from './work-classes.ts';

/** Time limit of one hint, about that of a Lambda invocation. */
const budgetMs = 60_000;
/** Attempts per hint, like maxReceiveCount of SQS. */
const maxReceives = 5;
/** Failing hints whose attempts are counted. Beyond this number, each failure counts as the first. */
const maxTracked = 1_000;
const firstPauseMs = 1_000;
/** Hints started in one turn of the event loop, so that requests are served in between. */
const batchSize = 32;

/** Slot of a consumer without work classes, where `concurrency` is the only limit. */
const freeSlot: Slot = { limits: {}, leave: () => {} };

/**
 * Runs a consumer: receives hints from a queue and passes them to a handler, several at once but never two identical
 * ones. A hint that arrives while an identical one is running makes that one run once more afterwards. A failed hint is
 * sent again with exponential backoff, up to five attempts. Losing a hint loses no work: the work stays due, and the
 * sweeper sends a new hint.
 *
 * @param stop stops receiving and keeps running hints from starting new work; the promise resolves once all have ended
 * @param cancel aborts running work that can be resumed later
 * @param concurrency maximum number of hints in progress
 * @param classes assigns each hint a slot by its class of work; without classes every received hint runs at once
 * @param debounce awaited before hints are received
 */
export const runConsumer = async (
  { clock, telemetry, ids }: Pick<Platform, 'clock' | 'telemetry' | 'ids'>,
  queue: HintConsumer,
  handle: HintHandler,
  {
    stop,
    cancel,
    concurrency = 8,
    classes,
  }: { stop: AbortSignal; cancel: AbortSignal; concurrency?: number; classes?: WorkClasses },
  debounce?: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  const inProgress = new Map<string, Promise<void>>();
  const started = new Set<string>();
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

  const handleOnce = async (hint: Hint, body: string): Promise<void> => {
    const messageId = ids.next();
    let endsAt = 0;
    const renewDeadline = (): void => {
      endsAt = clock.now() + budgetMs;
    };
    /** A hint that waited for its slot yields to requests, just as a hint received from the queue does. */
    const onAdmitted = async (): Promise<void> => {
      if (!isShort(hint)) await debounce?.(stop);
      renewDeadline();
    };
    const slot = classes ? await classes.enter(hint, onAdmitted) : freeSlot;
    // The process is stopping. The hint's work stays due.
    if (!slot) return;
    renewDeadline();
    started.add(body);
    const limits: HintLimits = {
      get deadlineAt() {
        return stop.aborted ? 0 : endsAt;
      },
      signal: cancel,
      ...slot.limits,
    };
    try {
      const result = await handle({ Records: [{ messageId, body }] }, limits);
      if (result.batchItemFailures.length > 0) await scheduleRetry(hint, body);
      else failures.delete(body);
    } finally {
      slot.leave();
    }
  };

  /** Resolves when the next hint is done. A Promise.race over thousands of hints would leave a reaction in each promise. */
  let nextDone = Promise.withResolvers<void>();

  const process = async (hint: Hint, body: string): Promise<void> => {
    try {
      await handleOnce(hint, body);
    } finally {
      inProgress.delete(body);
      started.delete(body);
      nextDone.resolve();
    }
    if (rerun.delete(body)) await queue.send([hint]);
  };

  /** Starts a hint. An identical one that waits for its slot covers this one; one that runs may not, so the hint reruns. */
  const start = (hint: Hint): void => {
    const body = JSON.stringify(hint);
    if (started.has(body)) rerun.add(body);
    else if (!inProgress.has(body)) inProgress.set(body, process(hint, body));
  };

  const receive = async (): Promise<Hint[]> => {
    try {
      return await queue.receive(
        Math.min(concurrency - inProgress.size, batchSize),
        stop,
        debounce,
      );
    } catch (error) {
      telemetry.log('warn', 'queue.receive_failed', errorFields(error));
      await clock.sleep(firstPauseMs, stop);
      return [];
    }
  };

  while (!stop.aborted) {
    const received = await receive();
    for (const hint of received) start(hint);
    if (received.length === batchSize) await nextTurn();
    if (inProgress.size >= concurrency) {
      nextDone = Promise.withResolvers<void>();
      await nextDone.promise;
    }
  }
  await Promise.all(inProgress.values());
  await classes?.idle();
};
