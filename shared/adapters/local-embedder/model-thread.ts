import { Worker } from 'node:worker_threads';
import { RetryableError } from '../../domain/errors.ts';

export interface ModelThread {
  /** Resolves once the model is loaded; starts the thread if there is none. */
  load(): Promise<void>;
  /** Embeds one batch. Precondition: the previous call has settled. */
  run(texts: readonly string[]): Promise<Float32Array[]>;
  /** Ends the thread and rejects the pending call. */
  close(): Promise<void>;
}

interface Reply {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

interface ThreadState {
  worker: Worker;
  ready: Promise<unknown>;
  /** Replies that are awaited: the first one is that to loading, then one per batch. */
  awaited: Reply | undefined;
}

const unavailable = (why: string, cause?: unknown): RetryableError =>
  new RetryableError('embedder_unavailable', `The embedded embedder ${why}.`, undefined, cause);

/**
 * Supervises a worker thread: starts the thread on demand, and again after it died. A death rejects the pending call with
 * `embedder_unavailable`; the texts are not sent again. The thread keeps the process alive only while a call is pending.
 */
export const createModelThread = (file: URL): ModelThread => {
  let running: ThreadState | undefined;
  let closed = false;

  const nextReply = (thread: ThreadState): Promise<unknown> => {
    thread.worker.ref();
    return new Promise<unknown>((resolve, reject) => {
      thread.awaited = { resolve, reject };
    }).finally(() => {
      thread.awaited = undefined;
      thread.worker.unref();
    });
  };

  const start = (): ThreadState => {
    const worker = new Worker(file, { name: 'embedder', execArgv: [] });
    const thread: ThreadState = { worker, ready: Promise.resolve(), awaited: undefined };
    const onExit = (cause: unknown) => {
      if (running === thread) running = undefined;
      thread.awaited?.reject(unavailable(closed ? 'is closed' : 'stopped', cause));
    };
    worker.on('message', (answer) => thread.awaited?.resolve(answer));
    worker.on('error', onExit);
    worker.on('exit', onExit);
    thread.ready = nextReply(thread);
    return thread;
  };

  const loaded = async (): Promise<ThreadState> => {
    if (closed) throw unavailable('is closed');
    running ??= start();
    const thread = running;
    await thread.ready;
    return thread;
  };

  return {
    async load() {
      await loaded();
    },
    async run(texts) {
      const thread = await loaded();
      const answer = nextReply(thread);
      thread.worker.postMessage(texts);
      // worker.ts sends vectors only.
      return (await answer) as Float32Array[];
    },
    async close() {
      closed = true;
      await running?.worker.terminate();
    },
  };
};
