import type { DecideRequest, LanguageModel } from '../../ports/language-model.ts';
import { createRulesThread, type ThreadLimits } from './rules-thread.ts';

export interface LocalExtractor extends LanguageModel {
  /** Loads the libraries ahead of their first use. Never rejects: the next `decide` tries again, and says what is wrong. */
  warm(): Promise<void>;
  /** Ends the thread; calls that still wait are rejected. */
  close(): Promise<void>;
}

/** An ordinary turn takes some milliseconds, and the libraries 60 MB. */
const defaultLimits: ThreadLimits = { turnCpuMs: 5_000, heapMb: 256 };

/** What the rules read of a request; a copy of it goes to their thread. */
const readPart = ({ turns, memories }: DecideRequest): DecideRequest => ({
  turns: turns.map(({ messages, observedAt, options: { infer, includes, excludes } }) => ({
    messages: messages.map(({ role, content, name }) => ({
      role,
      content,
      ...(name !== undefined && { name }),
    })),
    observedAt,
    options: {
      infer,
      ...(includes !== undefined && { includes }),
      ...(excludes !== undefined && { excludes }),
    },
  })),
  memories: memories.map(({ text, observedAt }) => ({ text, observedAt })),
});

/**
 * Learns from plain English statements by rules, with no key and no network, in a worker thread: the same request always
 * has the same answer. Other languages are kept as quotes, and so is a turn that takes too long or too much memory.
 *
 * @throws RetryableError extractor_unavailable, the signal's reason when it aborts
 */
export const createLocalExtractor = ({
  workerFile = new URL('./worker.ts', import.meta.url),
  limits = defaultLimits,
}: {
  workerFile?: URL;
  limits?: ThreadLimits;
} = {}): LocalExtractor => {
  const thread = createRulesThread(workerFile, limits);
  return {
    name: 'basic-rules',
    quality: 'basic',
    batch: { turns: 64, characters: 1_000_000 },
    async warm() {
      await thread.load().catch(() => undefined);
    },
    probe: async () => ({ ok: true }),
    async decide(request, signal) {
      const changes = await thread.decide(readPart(request), signal);
      return { ok: true, changes, usage: { prompt: 0, completion: 0 } };
    },
    close: thread.close,
  };
};
