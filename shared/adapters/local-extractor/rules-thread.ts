import { Worker } from 'node:worker_threads';
import { RetryableError } from '../../domain/errors.ts';
import type { DecideRequest, ProposedChange } from '../../ports/language-model.ts';
import type { Order, Report, Step } from './thread-protocol.ts';

/** Limits of the thread; of its time, what one turn may take. */
export interface ThreadLimits {
  /** CPU time: a busy machine spends none of it. */
  turnCpuMs: number;
  /** Memory in use. */
  heapMb: number;
}

export interface RulesThread {
  /** Resolves once the libraries are loaded; starts the thread if there is none. */
  load(): Promise<void>;
  /** @throws RetryableError extractor_unavailable, the signal's reason */
  decide(request: DecideRequest, signal: AbortSignal): Promise<ProposedChange[]>;
  close(): Promise<void>;
}

interface Call {
  request: DecideRequest;
  /** Turns that ended a thread, with why. */
  kept: Map<number, string>;
  /** Threads that ended during this call though it was not known at what. */
  losses: number;
  resolve(changes: ProposedChange[]): void;
  reject(reason: unknown): void;
}

interface Running {
  worker: Worker;
  ready: PromiseWithResolvers<void>;
  step?: Step;
  /** The step that threw; others may begin before the thread has ended. */
  failed?: Step;
  /** Why its owner ended it. */
  ended?: string;
}

const pollMs = 100;
const hardLimit = 4;
const maxLosses = 2;

const tooLong = 'kept as said: to read it took the embedded rules too long';
const tooMuch = 'kept as said: to read it took the embedded rules too much memory';
const failed = 'kept as said: the embedded rules failed on it';

const unavailable = (why: string, cause?: unknown): RetryableError =>
  new RetryableError('extractor_unavailable', `The embedded rules ${why}.`, undefined, cause);

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

/**
 * A worker thread with a limit on its memory and on the CPU time of each turn. When it exceeds one or fails, the turn it
 * was at is kept as said, and everything else that was in it is decided anew by the next thread. It keeps the process
 * alive only while an answer is waited for.
 */
export const createRulesThread = (file: URL, limits: ThreadLimits): RulesThread => {
  const calls = new Map<number, Call>();
  let running: Running | undefined;
  let closed = false;
  let lastCall = 0;

  const order = ({ worker }: Running, message: Order): void => worker.postMessage(message);

  /** Keeps the turn that ended a thread out of the next one. */
  const blame = ({ call: id, turn }: Step, reason: string): void => {
    const call = calls.get(id);
    if (!call) return;
    if (turn !== undefined) {
      call.kept.set(turn, reason);
      return;
    }
    // It ended at the memories: what is kept as said needs none.
    call.kept = new Map(call.request.turns.map((_, at) => [at, reason]));
    call.request = { ...call.request, memories: [] };
  };

  /** Finds what a thread ended at; where that is not known, every call bears it. */
  const settleLoss = ({ step, failed: thrown, ended }: Running, cause: unknown): void => {
    const last = thrown ?? step;
    if (last) blame(last, ended ?? (isOutOfMemory(cause) ? tooMuch : failed));
    else for (const call of calls.values()) call.losses += 1;
  };

  const rejectAll = (error: unknown, isAffected: (call: Call) => boolean): void => {
    for (const [id, call] of calls) {
      if (!isAffected(call)) continue;
      calls.delete(id);
      call.reject(error);
    }
  };

  const lost = (thread: Running, cause: unknown): void => {
    if (running !== thread) return;
    running = undefined;
    const error = unavailable(closed ? 'are closed' : 'stopped', cause);
    thread.ready.reject(error);
    settleLoss(thread, cause);
    rejectAll(error, ({ losses }) => closed || losses > maxLosses);
    if (calls.size > 0) begin();
  };

  const take = (thread: Running, report: Report): void => {
    if (report.type === 'ready') {
      thread.ready.resolve();
      settle();
      return;
    }
    if (report.type === 'begun') {
      thread.step = report.step;
      return;
    }
    if (report.type === 'failed') {
      thread.failed = report.step;
      return;
    }
    delete thread.step;
    const call = calls.get(report.call);
    calls.delete(report.call);
    call?.resolve(report.changes);
    settle();
  };

  /** Lets the process end while nothing is waited for. */
  const settle = (): void => {
    if (calls.size === 0) running?.worker.unref();
  };

  const start = (): Running => {
    const worker = new Worker(file, {
      name: 'extractor',
      execArgv: [],
      // Beyond this V8 may end the whole process, so that the thread is ended well before.
      resourceLimits: { maxOldGenerationSizeMb: hardLimit * limits.heapMb },
    });
    const thread: Running = { worker, ready: Promise.withResolvers() };
    thread.ready.promise.catch(() => undefined);
    worker.on('message', (report: Report) => take(thread, report));
    worker.on('error', (error) => lost(thread, error));
    worker.on('exit', (code) => lost(thread, code));
    return thread;
  };

  /** Starts a thread and hands it all that is waited for. */
  const begin = (): Running => {
    const thread = start();
    running = thread;
    for (const [call, { request, kept }] of calls)
      order(thread, { type: 'decide', call, request, kept });
    return thread;
  };

  /** Why a thread is to be ended, if it is. */
  const excessOf = async ({ worker, step }: Running): Promise<string | undefined> => {
    if (!step) return undefined;
    const { used_heap_size: used } = await worker.getHeapStatistics();
    if (used > limits.heapMb * 1_048_576) return tooMuch;
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1_000 - step.cpuMs > limits.turnCpuMs ? tooLong : undefined;
  };

  let isWatching = false;

  /**
   * Ends a thread that takes too much, or too long at two looks in a row: its reports may be late. Returns the step that
   * the next look is to suspect.
   */
  const look = async (thread: Running, suspect: Step | undefined): Promise<Step | undefined> => {
    const { step } = thread;
    // A thread that has just ended has no figures.
    const excess = await excessOf(thread).catch(() => undefined);
    if (excess === undefined || step === undefined || thread.step !== step) return undefined;
    if (excess === tooMuch || step === suspect) {
      thread.ended = excess;
      await thread.worker.terminate();
    }
    return step;
  };

  const watch = async (): Promise<void> => {
    if (isWatching) return;
    isWatching = true;
    let suspect: Step | undefined;
    while (calls.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      suspect = running && (await look(running, suspect));
    }
    isWatching = false;
  };

  return {
    async load() {
      if (closed) throw unavailable('are closed');
      running ??= begin();
      await running.ready.promise;
    },
    async decide(request, signal) {
      signal.throwIfAborted();
      if (closed) throw unavailable('are closed');
      lastCall += 1;
      const id = lastCall;
      const { promise, resolve, reject } = Promise.withResolvers<ProposedChange[]>();
      calls.set(id, { request, kept: new Map(), losses: 0, resolve, reject });
      if (running) {
        running.worker.ref();
        order(running, { type: 'decide', call: id, request, kept: new Map() });
      } else begin();
      void watch();
      const abort = () => {
        calls.delete(id);
        if (running) order(running, { type: 'drop', call: id });
        settle();
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      try {
        return await promise;
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
    async close() {
      closed = true;
      await running?.worker.terminate();
    },
  };
};
