import type { Clock } from '../../../shared/ports/clock.ts';
import type { Message, ModelQueue, QueueService } from './queue-service.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Environment of a function: a process with a share of a core, frozen between its invocations. */
export interface Environment {
  clock: Clock;
  /** Resolves after this much CPU of one core, which all work of the environment shares. */
  compute(cpuMs: number): Promise<void>;
}

type Handler<E, A> = (event: E, remainingMs: () => number) => Promise<A>;

export interface FunctionSettings<E, A> {
  memoryMb: number;
  timeoutMs: number;
  maxConcurrency: number;
  /** Starts a process; its state lives as long as the environment. */
  start(environment: Environment): Handler<E, A>;
}

/** Creates an environment whose clock does not run while it is frozen: a sleep that ended meanwhile continues at the next invocation. */
const createEnvironment = (time: VirtualTime, share: number) => {
  let running = 0;
  let thawed: (() => void)[] = [];
  let freeAt = 0;

  const whileThawed = async (): Promise<void> => {
    while (running === 0) await new Promise<void>((resolve) => void thawed.push(resolve));
  };
  return {
    enter(): void {
      running += 1;
      const waiting = thawed;
      thawed = [];
      for (const resume of waiting) resume();
    },
    leave(): void {
      running -= 1;
    },
    environment: {
      clock: {
        now: time.now,
        sleep: async (ms, signal) => {
          await time.sleep(ms, signal);
          if (!signal?.aborted) await whileThawed();
        },
      },
      compute: (cpuMs) => {
        freeAt = Math.max(freeAt, time.exact()) + cpuMs / share;
        return time.sleep(freeAt - time.exact());
      },
    } satisfies Environment as Environment,
  };
};

/** Lambda functions with cold starts, frozen environments, and CPU in proportion to memory. */
export const createFunctions = (
  time: VirtualTime,
  { coldStartMs, coreMb }: { coldStartMs: number; coreMb: number },
) => {
  const total = { invocations: 0, gbSeconds: 0, coldStarts: 0 };

  return {
    total,
    /** Defines a function. Returns its invocation; callers respect `maxConcurrency`. */
    define<E, A>({ memoryMb, timeoutMs, start }: FunctionSettings<E, A>) {
      const idle: { own: ReturnType<typeof createEnvironment>; handle: Handler<E, A> }[] = [];
      return async (event: E): Promise<A> => {
        let instance = idle.pop();
        if (!instance) {
          total.coldStarts += 1;
          await time.sleep(coldStartMs);
          const own = createEnvironment(time, Math.min(1, memoryMb / coreMb));
          instance = { own, handle: start(own.environment) };
        }
        const { own, handle } = instance;
        const begin = time.exact();
        own.enter();
        try {
          return await handle(event, () => begin + timeoutMs - time.exact());
        } finally {
          own.leave();
          idle.push(instance);
          total.invocations += 1;
          total.gbSeconds += ((time.exact() - begin) / 1_000) * (memoryMb / 1_024);
        }
      };
    },
  };
};

interface Batch {
  Records: readonly { messageId: string; body: string }[];
}
interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string }[];
}

/** Messages that one request receives or deletes. */
const messagesPerRequest = 10;

/**
 * Event source mapping: receives batches while fewer invocations than the maximum run. With a window, messages are gathered for an
 * invocation until it is over or the batch is full.
 */
export const connectQueue = (
  time: VirtualTime,
  queue: ModelQueue,
  { total }: QueueService,
  { maxConcurrency, timeoutMs }: { maxConcurrency: number; timeoutMs: number },
  { maxBatch, windowMs = 0 }: { maxBatch: number; windowMs?: number },
  invoke: (batch: Batch) => Promise<BatchAnswer>,
) => {
  let running = 0;
  let gathered: Message[] = [];
  let batches = 0;
  const report = { largestConcurrency: 0, failures: 0 };

  const run = async (): Promise<void> => {
    const messages = gathered;
    gathered = [];
    batches += 1;
    running += 1;
    report.largestConcurrency = Math.max(report.largestConcurrency, running);
    total.requests += Math.ceil(messages.length / messagesPerRequest);
    try {
      const { batchItemFailures } = await invoke({ Records: messages });
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const message of messages)
        if (failed.has(message.messageId)) {
          report.failures += 1;
          queue.fail(message, 6 * timeoutMs);
        }
    } finally {
      running -= 1;
      next();
    }
  };
  /** Receives what is visible; invokes the function when the batch is full or its window is over. */
  const gather = (): void => {
    const isFirst = gathered.length === 0;
    while (gathered.length < maxBatch) {
      const max = Math.min(messagesPerRequest, maxBatch - gathered.length);
      const received = queue.receive(max);
      if (received.length === 0) break;
      total.requests += 1;
      gathered.push(...received);
    }
    if (gathered.length === maxBatch || (windowMs === 0 && gathered.length > 0)) void run();
    else if (isFirst && gathered.length > 0) {
      const batch = batches;
      time.at(time.exact() + windowMs, () => {
        if (batch !== batches) return;
        void run();
        next();
      });
    }
  };
  let isPolling = false;
  /** Polls after all messages of the present time are visible, so that those of one request come together. */
  const next = (): void => {
    if (isPolling || running >= maxConcurrency || queue.ready() === 0) return;
    isPolling = true;
    time.at(time.exact(), () => {
      isPolling = false;
      gather();
      next();
    });
  };
  queue.onReady = next;
  return report;
};
