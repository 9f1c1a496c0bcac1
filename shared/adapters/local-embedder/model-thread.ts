import { Worker } from 'node:worker_threads';
import { RetryableError } from '../../domain/errors.ts';

export interface ModelThread {
  /** Resolves once the model is loaded; starts the thread if there is none. */
  load(): Promise<void>;
  /** One list at a time: callers wait for the answer before they ask again. */
  run(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

interface Reply {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

interface Running {
  worker: Worker;
  ready: Promise<unknown>;
  /** The answer that is waited for: the load's first, then each list's. */
  awaited: Reply | undefined;
}

const unavailable = (why: string, cause?: unknown): RetryableError =>
  new RetryableError('embedder_unavailable', `The embedded embedder ${why}.`, undefined, cause);

/**
 * A worker thread that is started on demand and again after it died. What waits when it dies is rejected with
 * `embedder_unavailable`. The thread keeps the process alive only while an answer is waited for.
 */
export const createModelThread = (file: URL): ModelThread => {
  let running: Running | undefined;
  let closed = false;

  const reply = (thread: Running): Promise<unknown> => {
    thread.worker.ref();
    return new Promise<unknown>((resolve, reject) => {
      thread.awaited = { resolve, reject };
    }).finally(() => {
      thread.awaited = undefined;
      thread.worker.unref();
    });
  };

  const start = (): Running => {
    const worker = new Worker(file, { name: 'embedder', execArgv: [] });
    const thread: Running = { worker, ready: Promise.resolve(), awaited: undefined };
    const lost = (cause: unknown) => {
      if (running === thread) running = undefined;
      thread.awaited?.reject(unavailable(closed ? 'is closed' : 'stopped', cause));
    };
    worker.on('message', (answer) => thread.awaited?.resolve(answer));
    worker.on('error', lost);
    worker.on('exit', lost);
    thread.ready = reply(thread);
    return thread;
  };

  const loaded = async (): Promise<Running> => {
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
      const answer = reply(thread);
      thread.worker.postMessage(texts);
      // The other half of this protocol is worker.ts.
      return (await answer) as Float32Array[];
    },
    async close() {
      closed = true;
      await running?.worker.terminate();
    },
  };
};
