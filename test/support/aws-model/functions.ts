import type { Clock } from '../../../shared/ports/clock.ts';
import type { ModelQueue, QueueService } from './queue-service.ts';
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

/** Event source mapping: receives batches while fewer invocations than the maximum run. */
export const connectQueue = (
  time: VirtualTime,
  queue: ModelQueue,
  { total }: QueueService,
  { maxConcurrency, timeoutMs }: { maxConcurrency: number; timeoutMs: number },
  maxBatch: number,
  invoke: (batch: Batch) => Promise<BatchAnswer>,
) => {
  let running = 0;
  const report = { largestConcurrency: 0, failures: 0 };

  const run = async (): Promise<void> => {
    const messages = queue.receive(maxBatch);
    if (messages.length === 0) return;
    running += 1;
    report.largestConcurrency = Math.max(report.largestConcurrency, running);
    // One request receives the batch, another one deletes it.
    total.requests += 2;
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
  let isPolling = false;
  /** Polls after all messages of the present time are visible, so that those of one request come together. */
  const next = (): void => {
    if (isPolling || running >= maxConcurrency || queue.ready() === 0) return;
    isPolling = true;
    time.at(time.exact(), () => {
      isPolling = false;
      void run();
      next();
    });
  };
  queue.onReady = next;
  return report;
};
