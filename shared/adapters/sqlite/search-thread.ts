import { Worker } from 'node:worker_threads';
import { RetryableError } from '../../domain/errors.ts';
import type { IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import type { Database } from './database.ts';
import { storeError } from './errors.ts';
import { createSegmentWrites, type StoredSegment } from './segment-rows.ts';

export interface WorkerData {
  path: string;
  cacheBytes: number;
  /** Set by the thread once its connection is closed. */
  closed: Int32Array;
}

/** An entry that was written or removed, by its row number, and the partitions that list it. */
export interface EntryChange {
  n: number;
  names: readonly string[];
  isRemoved: boolean;
}

export type Order =
  | { type: 'query'; call: number; names: readonly string[]; query: IndexQuery }
  | { type: 'change'; project: string; changes: readonly EntryChange[] }
  | { type: 'stored'; id: number }
  | { type: 'clear' }
  | { type: 'close' };

export type Answer =
  | { type: 'answer'; call: number; result: IndexResult }
  | { type: 'failed'; call: number; message: string; errcode: number | undefined }
  | { type: 'segment'; id: number; segment: StoredSegment };

export interface SearchThread {
  /**
   * Searches partitions in the thread, which loads them first. Read your writes: the result has every change of which the thread
   * was notified before.
   * @throws RetryableError `store_unavailable`
   */
  query(names: readonly string[], query: IndexQuery): Promise<IndexResult>;
  /** Starts the thread, if there are segments: large partitions then are searched sooner. */
  prepare(): void;
  /** Notifies the thread of committed changes. Does nothing if there is no thread yet. */
  change(project: string, changes: readonly EntryChange[]): void;
  /** Makes the thread forget everything, after another process has written. */
  clear(): void;
}

// The name changes when the library is packed.
const file = new URL('./worker.ts', import.meta.url);

/** Bound of the short-lived objects of the thread, whose partitions are outside of its heap. */
const maxYoungGenerationSizeMb = 4;

/** Longest wait for the thread to close its connection, ms: the last connection to close removes the WAL. */
const closeWaitMs = 2_000;

/** Creates the thread that searches the large partitions of a file. The first query starts the thread. */
export const createSearchThread = (database: Database, cacheBytes: number): SearchThread => {
  const segments = createSegmentWrites(database);
  const closed = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const calls = new Map<number, PromiseWithResolvers<IndexResult>>();
  let running: Worker | undefined;
  let count = 0;
  let isClosed = false;

  const send = (order: Order): void => running?.postMessage(order);

  const unavailable = (message: string): RetryableError =>
    new RetryableError('store_unavailable', `The index cannot be searched now: ${message}.`);

  const settled = (call: number): PromiseWithResolvers<IndexResult> | undefined => {
    const pending = calls.get(call);
    calls.delete(call);
    // Lets the process end while no query is pending.
    if (calls.size === 0) running?.unref();
    return pending;
  };

  const store = async (id: number, segment: StoredSegment): Promise<void> => {
    try {
      await database.write(() => segments.put(segment));
    } catch {
      // A segment only makes a start faster.
    }
    send({ type: 'stored', id });
  };

  const onAnswer = (answer: Answer): void => {
    if (answer.type === 'answer') settled(answer.call)?.resolve(answer.result);
    else if (answer.type === 'segment') {
      if (!isClosed) void store(answer.id, answer.segment);
    } else {
      const { message, errcode } = answer;
      const error = Object.assign(new Error(message), errcode === undefined ? {} : { errcode });
      settled(answer.call)?.reject(storeError(error));
    }
  };

  const onEnd = (worker: Worker, message: string): void => {
    if (running !== worker) return;
    running = undefined;
    for (const [call, { reject }] of calls) {
      calls.delete(call);
      reject(unavailable(message));
    }
  };

  const start = (): Worker => {
    const workerData: WorkerData = { path: database.path, cacheBytes, closed };
    const worker = new Worker(file, {
      name: 'search',
      execArgv: [],
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb },
    });
    worker.on('message', onAnswer);
    worker.on('error', (error) => onEnd(worker, error.message));
    worker.on('exit', (code) => onEnd(worker, `its thread ended with code ${code}`));
    return worker;
  };

  database.onClose(() => {
    isClosed = true;
    if (!running) return;
    send({ type: 'close' });
    Atomics.wait(closed, 0, 0, closeWaitMs);
    const worker = running;
    onEnd(worker, 'the database is closed');
    void worker.terminate();
  });

  const hasSegments = database.prepare('SELECT 1 FROM vector_segments LIMIT 1');

  return {
    prepare() {
      if (isClosed || running || !hasSegments.get()) return;
      running = start();
      running.unref();
    },
    query(names, query) {
      if (isClosed) return Promise.reject(unavailable('the database is closed'));
      running ??= start();
      running.ref();
      const call = count++;
      const pending = Promise.withResolvers<IndexResult>();
      calls.set(call, pending);
      send({ type: 'query', call, names, query });
      return pending.promise;
    },
    change: (project, changes) => send({ type: 'change', project, changes }),
    clear: () => send({ type: 'clear' }),
  };
};
