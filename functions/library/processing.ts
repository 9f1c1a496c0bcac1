import { newKey, timeOf } from './add.ts';
import type { CallOptions, PendingAdd } from './call-interface.ts';
import { rejectArguments } from './checked-calls.ts';
import {
  type ErrorContext,
  RefinementError,
  TimeoutError,
  TurnstoneError,
  ValidationError,
} from './errors.ts';
import { rejectUnknown } from './known-options.ts';
import type {
  ProcessingOperations,
  ProcessingOptions,
  ProcessStatus,
  ProcessTask,
} from './processing-interface.ts';
import { anySignal, type Requester } from './transport.ts';

const defaultThreshold = 10;
/** Longest wait of one request, seconds. The first one is short, since a service charges for the wait that is asked for. */
const maxWait = 25;

/** A task as the service answers it. */
interface TaskAnswer {
  taskId: string;
  status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
  knowledgeCount: number;
  error: { code: string; message?: string; retryable: boolean } | null;
  done: boolean;
}

const statuses: { readonly [status in TaskAnswer['status']]: ProcessStatus } = {
  pending: 'PENDING',
  running: 'RUNNING',
  completed: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'FAILED',
};

const cancelled = { code: 'cancelled', message: 'The task was cancelled.', retryable: true };

const errorOf = ({ status, error }: TaskAnswer): ProcessTask['error'] => {
  if (status === 'cancelled') return cancelled;
  return error && { ...error, message: error.message ?? 'A turn could not be refined.' };
};

/** Why a task cannot be followed, or failed. */
const failureOf = (error: unknown): NonNullable<ProcessTask['error']> => ({
  code: error instanceof TurnstoneError ? error.code : 'aborted',
  message: error instanceof Error ? error.message : 'The call was aborted.',
  retryable: true,
});

/** Resolves with the value, or rejects as soon as the signal aborts. */
const orAborted = <T>(value: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void value.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });

/** Called for each task that is followed, with its id, once known, and its end. */
type OnTask = (started: Promise<string>, ended: Promise<unknown>) => void;

/** Options of the caller, and the tracking of tasks. */
export interface ProcessingSettings {
  processing?: ProcessingOptions | undefined;
  onTask?: OnTask | undefined;
}

/** Returns why options cannot be used, if they cannot. */
export const wrongProcessingOption = ({
  autoProcess,
  batchThreshold = defaultThreshold,
}: ProcessingOptions): { sentence: string; field: string } | undefined => {
  if (autoProcess !== undefined && typeof autoProcess !== 'boolean')
    return { sentence: 'autoProcess must be true or false.', field: 'autoProcess' };
  return Number.isInteger(batchThreshold) && batchThreshold >= 1 && batchThreshold <= 1_000
    ? undefined
    : { sentence: 'batchThreshold must be 1 to 1000.', field: 'batchThreshold' };
};

/** Builds the operations of processing. See `ProcessingOperations`. */
export const createProcessing = (
  request: Requester,
  { processing = {}, onTask = () => {} }: ProcessingSettings,
): ProcessingOperations => {
  const { autoProcess = false, batchThreshold = defaultThreshold } = processing;
  /** By user: requests to process that the service may not have yet. */
  const starting = new Map<Promise<unknown>, string>();

  const pathOf = (userId: string, rest: string, context: ErrorContext): string => {
    if (typeof userId === 'string' && userId.trim() !== '')
      return `/v1/users/${encodeURIComponent(userId)}/${rest}`;
    throw new ValidationError(
      'missing_scope',
      'userId must be a text that is not blank.',
      context,
      {
        field: 'userId',
      },
    );
  };

  const rejectNoText = (texts: { [argument: string]: unknown }, context: ErrorContext): void => {
    const field = Object.keys(texts).find((argument) => typeof texts[argument] !== 'string');
    if (field === undefined) return;
    const sentence = `${context.operation}: the argument ${field} must be a text.`;
    throw new ValidationError('invalid_request', sentence, context, { field });
  };

  /** Follows a task until it has ended. @throws the reason of the signal once aborted */
  const follow = async (
    first: TaskAnswer,
    signal: AbortSignal | undefined,
    context: ErrorContext,
    seen: (task: TaskAnswer) => void,
  ): Promise<TaskAnswer> => {
    let task = first;
    seen(task);
    for (let seconds = 1; !task.done; seconds = Math.min(2 * seconds, maxWait)) {
      const path = `/v1/tasks/${encodeURIComponent(task.taskId)}?wait=${seconds}`;
      task = await request<TaskAnswer>({ method: 'GET', path, signal }, context);
      seen(task);
    }
    return task;
  };

  const countOf = (task: TaskAnswer, context: ErrorContext): number => {
    const error = errorOf(task);
    if (!error) return task.knowledgeCount;
    throw new RefinementError(error.code, error.message, { ...context, eventId: task.taskId });
  };

  /** Asks for processing at once, and follows the task. */
  const start = (
    userId: string,
    operation: 'process' | 'processAsync' | 'flush',
    options: CallOptions,
    further: readonly unknown[] = [],
  ): { task: ProcessTask; counted: Promise<number> } => {
    const context = { operation, userId };
    // The task reports options that are no object.
    const signal = options?.signal;
    let last: TaskAnswer | undefined;
    let failure: ProcessTask['error'] = null;
    const seen = (task: TaskAnswer): void => {
      last = task;
    };
    const begin = async () => {
      rejectArguments(operation, [userId, options, ...further]);
      rejectUnknown(options, context);
      return request<TaskAnswer>(
        { method: 'POST', path: pathOf(userId, 'process', context), signal },
        context,
      );
    };
    const begun = begin();
    const counted = begun
      .then((first) => follow(first, signal, context, seen))
      .then((ended) => countOf(ended, context));
    // The failure rejects `wait`, and shows in the fields of the task.
    counted.catch((error: unknown) => {
      failure = failureOf(error);
    });
    const started = begun.then(({ taskId }) => taskId);
    started.catch(() => undefined);
    starting.set(started, userId);
    const forget = () => starting.delete(started);
    started.then(forget, forget);
    onTask(started, counted);
    const task: ProcessTask = {
      userId,
      get status() {
        if (failure) return 'FAILED';
        return last ? statuses[last.status] : 'PENDING';
      },
      get knowledgeCount() {
        return last?.knowledgeCount ?? 0;
      },
      get error() {
        return failure ?? (last ? errorOf(last) : null);
      },
      get done() {
        return failure !== null || (last?.done ?? false);
      },
      wait: () => counted,
    };
    return { task, counted };
  };

  return {
    async addExchange(userId, user, assistant, options = {}) {
      const context = { operation: 'addExchange', userId };
      rejectUnknown(options, context);
      pathOf(userId, '', context);
      rejectNoText({ user, assistant }, context);
      const { eventId, status } = await request<PendingAdd>(
        {
          method: 'POST',
          path: '/v1/turns',
          headers: { 'idempotency-key': options.idempotencyKey ?? newKey() },
          body: {
            messages: [
              { role: 'user', content: user },
              { role: 'assistant', content: assistant },
            ],
            user_id: userId,
            agent_id: options.agentId,
            app_id: options.appId,
            run_id: options.runId,
            metadata: options.metadata,
            timestamp: timeOf(options.timestamp, context),
            auto_process: autoProcess,
            batch_threshold: batchThreshold,
          },
          signal: options.signal,
        },
        context,
      );
      return { eventId, status };
    },
    async process(userId, options = {}) {
      return start(userId, 'process', options).counted;
    },
    processAsync: (userId, options = {}, ...further: readonly unknown[]) =>
      start(userId, 'processAsync', options, further).task,
    async flush(userId, options = {}) {
      return start(userId, 'flush', options).counted;
    },
    async waitForProcessing(userId, options = {}) {
      const context = { operation: 'waitForProcessing', userId };
      rejectUnknown(options, context);
      const { timeout, signal } = options;
      if (
        timeout !== undefined &&
        !(typeof timeout === 'number' && timeout >= 0 && timeout <= 2_000_000)
      )
        throw new ValidationError(
          'invalid_request',
          'timeout must be a number of seconds, 0 to 2000000.',
          context,
          {
            field: 'timeout',
          },
        );
      const deadline = timeout === undefined ? undefined : AbortSignal.timeout(timeout * 1_000);
      const until = anySignal(signal, deadline);
      try {
        const before = [...starting].flatMap(([one, of]) => (of === userId ? [one] : []));
        await orAborted(Promise.allSettled(before), until);
        const first = await request<TaskAnswer>(
          {
            method: 'POST',
            path: pathOf(userId, 'wait', context),
            body: { timeout: 0 },
            signal,
          },
          context,
        );
        return countOf(await follow(first, until, context, () => {}), context);
      } catch (error) {
        if (deadline === undefined || error !== deadline.reason) throw error;
        throw new TimeoutError(
          'timeout',
          `The processing is not over after ${timeout} s. It goes on: wait again, or flush.`,
          context,
        );
      }
    },
  };
};
