import { Worker } from 'node:worker_threads';
import { RetryableError } from '../../domain/errors.ts';
import type { DecideRequest, ProposedChange } from '../../ports/language-model.ts';

/** Message to the thread. */
export type Command =
  /** `verbatim`: reasons by position of the turns that are stored verbatim, unread. */
  | { type: 'decide'; call: number; request: DecideRequest; verbatim: ReadonlyMap<number, string> }
  /** The caller of `decide` aborted. */
  | { type: 'cancel'; call: number };

/** Unit of work that is blamed when the thread ends: one turn, or the memories of a request. */
export interface Step {
  call: number;
  /** Position of the turn; undefined while the memories of the request are parsed. */
  turn?: number;
  /** CPU time of the thread at the beginning of the step, ms. */
  cpuMs: number;
}

/** Message of the thread. `begun` precedes each step and names the culprit if the thread hangs or dies. */
export type Report =
  | { type: 'ready' }
  | { type: 'begun'; step: Step }
  /** The step threw, and the thread is about to end. */
  | { type: 'failed'; step: Step }
  | { type: 'decided'; call: number; changes: ProposedChange[] };

export interface ThreadLimits {
  /** CPU time of one turn; waiting for a busy machine does not count. */
  turnCpuMs: number;
  /** Heap in use by the thread. */
  heapMb: number;
}

export interface RulesThread {
  /** Resolves once the libraries are loaded; starts the thread if there is none. */
  load(): Promise<void>;
  /** @throws RetryableError extractor_unavailable; the signal's reason once aborted */
  decide(request: DecideRequest, signal: AbortSignal): Promise<ProposedChange[]>;
  /** Ends the thread and rejects pending calls. */
  close(): Promise<void>;
}

interface Call {
  request: DecideRequest;
  /** Reasons by position of the turns that ended a thread: stored verbatim from then on. */
  verbatim: Map<number, string>;
  /** Number of threads that ended during this call at an unknown step. */
  unexplainedExits: number;
  resolve(changes: ProposedChange[]): void;
  reject(reason: unknown): void;
}

interface Running {
  worker: Worker;
  ready: PromiseWithResolvers<void>;
  step?: Step;
  /** Step that threw; further steps may begin before the thread has ended. */
  failed?: Step;
  /** Exceeded limit, if this process ended the thread. */
  excess?: string;
}

const pollMs = 100;
/** Hard limit of V8 as a multiple of the heap limit. */
const hardLimitFactor = 4;
const maxUnexplainedExits = 2;

const tooLong = 'stored verbatim: the embedded rules took too long to read it';
const tooMuch = 'stored verbatim: the embedded rules needed too much memory to read it';
const failed = 'stored verbatim: the embedded rules failed to read it';

const unavailable = (why: string, cause?: unknown): RetryableError =>
  new RetryableError('extractor_unavailable', `The embedded rules ${why}.`, undefined, cause);

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';

/**
 * Supervises a worker thread with limits on memory and on the CPU time of each turn. When the thread exceeds a limit or
 * fails, the turn of its current step is stored verbatim and the next thread decides all pending calls anew. Pending
 * calls are rejected only when the thread ends repeatedly at an unknown step, on abort and on `close`. Calls run concurrently in one
 * thread, turn by turn. The thread keeps the process alive only while calls are pending.
 */
export const createRulesThread = (file: URL, limits: ThreadLimits): RulesThread => {
  const calls = new Map<number, Call>();
  let running: Running | undefined;
  let closed = false;
  let latestCall = 0;

  const send = ({ worker }: Running, command: Command): void => worker.postMessage(command);

  /** Excludes the step that ended a thread from the next one. */
  const exclude = ({ call: id, turn }: Step, reason: string): void => {
    const call = calls.get(id);
    if (!call) return;
    if (turn !== undefined) {
      call.verbatim.set(turn, reason);
      return;
    }
    // The memories ended the thread. Turns that are stored verbatim need none.
    call.verbatim = new Map(call.request.turns.map((_, at) => [at, reason]));
    call.request = { ...call.request, memories: [] };
  };

  /** Excludes the step at which a thread ended; an unknown step counts against every call. */
  const recordExit = ({ step, failed: thrown, excess }: Running, cause: unknown): void => {
    const last = thrown ?? step;
    if (last) exclude(last, excess ?? (isOutOfMemory(cause) ? tooMuch : failed));
    else for (const call of calls.values()) call.unexplainedExits += 1;
  };

  const rejectAll = (error: unknown, isAffected: (call: Call) => boolean): void => {
    for (const [id, call] of calls) {
      if (!isAffected(call)) continue;
      calls.delete(id);
      call.reject(error);
    }
  };

  const onExit = (thread: Running, cause: unknown): void => {
    if (running !== thread) return;
    running = undefined;
    const error = unavailable(closed ? 'are closed' : 'stopped', cause);
    thread.ready.reject(error);
    recordExit(thread, cause);
    rejectAll(error, ({ unexplainedExits }) => closed || unexplainedExits > maxUnexplainedExits);
    if (calls.size > 0) begin();
  };

  const onReport = (thread: Running, report: Report): void => {
    if (report.type === 'ready') {
      thread.ready.resolve();
      unrefWhenIdle();
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
    unrefWhenIdle();
  };

  /** Lets the process end while no call is pending. */
  const unrefWhenIdle = (): void => {
    if (calls.size === 0) running?.worker.unref();
  };

  const start = (): Running => {
    const worker = new Worker(file, {
      name: 'extractor',
      execArgv: [],
      // At its hard limit V8 may end the whole process; `check` ends the thread well before.
      resourceLimits: { maxOldGenerationSizeMb: hardLimitFactor * limits.heapMb },
    });
    const thread: Running = { worker, ready: Promise.withResolvers() };
    thread.ready.promise.catch(() => undefined);
    worker.on('message', (report: Report) => onReport(thread, report));
    worker.on('error', (error) => onExit(thread, error));
    worker.on('exit', (code) => onExit(thread, code));
    return thread;
  };

  /** Starts a thread and sends all pending calls to the new thread. */
  const begin = (): Running => {
    const thread = start();
    running = thread;
    for (const [call, { request, verbatim }] of calls)
      send(thread, { type: 'decide', call, request, verbatim });
    return thread;
  };

  /** Limit that a thread exceeds; undefined for none. */
  const excessOf = async ({ worker, step }: Running): Promise<string | undefined> => {
    if (!step) return undefined;
    const { used_heap_size: used } = await worker.getHeapStatistics();
    if (used > limits.heapMb * 1_048_576) return tooMuch;
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1_000 - step.cpuMs > limits.turnCpuMs ? tooLong : undefined;
  };

  let isWatching = false;

  /**
   * Ends a thread over its memory limit at once, and one over its CPU limit at the second check of the same step, because
   * reports of the thread may be late. Returns the step that the next check has to suspect.
   */
  const check = async (thread: Running, suspect: Step | undefined): Promise<Step | undefined> => {
    const { step } = thread;
    // A thread that has just ended has no statistics.
    const excess = await excessOf(thread).catch(() => undefined);
    if (excess === undefined || step === undefined || thread.step !== step) return undefined;
    if (excess === tooMuch || step === suspect) {
      thread.excess = excess;
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
      suspect = running && (await check(running, suspect));
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
      latestCall += 1;
      const id = latestCall;
      const { promise, resolve, reject } = Promise.withResolvers<ProposedChange[]>();
      calls.set(id, { request, verbatim: new Map(), unexplainedExits: 0, resolve, reject });
      if (running) {
        running.worker.ref();
        send(running, { type: 'decide', call: id, request, verbatim: new Map() });
      } else begin();
      void watch();
      const abort = () => {
        calls.delete(id);
        if (running) send(running, { type: 'cancel', call: id });
        unrefWhenIdle();
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
