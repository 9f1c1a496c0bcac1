import { Worker } from 'node:worker_threads';
import type { DocumentFormat, DocumentReader, DocumentText } from '../../ports/document-reader.ts';

export interface DocumentLimits {
  /** CPU time of the thread, ms; waiting for a busy machine does not count. */
  cpuMs: number;
  /** Time in all, ms. */
  totalMs: number;
  /** Heap and buffers of the thread together. */
  memoryMb: number;
  /** Characters of the text; one more is returned of a longer one. */
  maxChars: number;
}

const defaultLimits: DocumentLimits = {
  cpuMs: 5_000,
  totalMs: 60_000,
  memoryMb: 192,
  maxChars: 100_000,
};

/** A bomb that inflates 500 MB/s exceeds the limit by 15 MB before it is noticed. */
const pollMs = 30;

const names = { pdf: 'PDF', docx: 'Word document', html: 'web page' } as const;

const unreadable = (format: DocumentFormat, why: string): DocumentText => ({
  ok: false,
  reason: `The ${names[format]} ${why}.`,
});

/** The limit that a thread exceeds, as the rest of a sentence; undefined for none. */
const excessOf = async (worker: Worker, limits: DocumentLimits): Promise<string | undefined> => {
  const { used_heap_size: heap, external_memory: buffers } = await worker.getHeapStatistics();
  if (heap + buffers > limits.memoryMb * 1_048_576) return 'needs too much memory to be read';
  const { user, system } = await worker.cpuUsage();
  return (user + system) / 1_000 > limits.cpuMs ? 'takes too long to be read' : undefined;
};

/** Ends the thread, and resolves with the reason, when it exceeds a limit. Resolves with undefined once `done` aborts. */
const watch = async (
  worker: Worker,
  limits: DocumentLimits,
  done: AbortSignal,
): Promise<string | undefined> => {
  const end = performance.now() + limits.totalMs;
  while (!done.aborted) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    // A thread that is starting, or has just ended, has no statistics.
    const excess =
      performance.now() > end
        ? 'takes too long to be read'
        : await excessOf(worker, limits).catch(() => undefined);
    if (excess === undefined || done.aborted) continue;
    await worker.terminate();
    return excess;
  }
  return undefined;
};

const start = (file: URL, workerData: object, { memoryMb }: DocumentLimits): Worker =>
  new Worker(file, {
    name: 'document',
    execArgv: [],
    workerData,
    // Parsers print warnings, which may quote the document.
    stdout: true,
    stderr: true,
    // At its hard limit V8 may end the whole process; `watch` ends the thread well before.
    resourceLimits: { maxOldGenerationSizeMb: 4 * memoryMb },
  });

/** Resolves with the text that the thread sends; undefined when the thread ends without one. */
const answerOf = (worker: Worker): Promise<string | undefined> =>
  new Promise((resolve) => {
    worker.once('message', (text: string) => resolve(text));
    worker.once('error', () => resolve(undefined));
    worker.once('exit', () => resolve(undefined));
  });

/** Rejects as soon as the signal aborts: a document that waits for others may not have begun. */
const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

/**
 * Document reader port. Each document is parsed in a thread of its own, with limits on CPU time and memory, one document at a time:
 * the memory of a process is bounded. The parsers are loaded by the thread alone, so that a process without documents never pays for
 * them.
 * @param workerFile script of the thread
 */
export const createDocumentReader = ({
  workerFile = new URL('./worker.ts', import.meta.url),
  limits = defaultLimits,
}: {
  workerFile?: URL;
  limits?: DocumentLimits;
} = {}): DocumentReader => {
  let last: Promise<unknown> = Promise.resolve();

  const readNow = async (
    bytes: Uint8Array,
    format: DocumentFormat,
    signal: AbortSignal,
  ): Promise<DocumentText> => {
    signal.throwIfAborted();
    const worker = start(workerFile, { bytes, format, maxChars: limits.maxChars }, limits);
    const done = new AbortController();
    const abort = () => void worker.terminate();
    signal.addEventListener('abort', abort, { once: true });
    const watched = watch(worker, limits, done.signal);
    const text = await answerOf(worker);
    done.abort();
    signal.removeEventListener('abort', abort);
    const excess = await watched;
    await worker.terminate();
    signal.throwIfAborted();
    if (text === undefined) return unreadable(format, excess ?? 'is damaged or protected');
    return text.trim() === '' ? unreadable(format, 'has no text') : { ok: true, text };
  };

  return {
    read(bytes, format, signal) {
      const next = last.then(() => readNow(bytes, format, signal));
      last = next.catch(() => undefined);
      return unlessAborted(next, signal);
    },
  };
};
