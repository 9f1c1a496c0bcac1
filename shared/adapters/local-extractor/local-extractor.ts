import type { TurnOptions } from '../../domain/memory/turn.ts';
import type { EffectiveOptions, ModelOption } from '../../domain/project-settings.ts';
import type { DecideRequest, LanguageModel } from '../../ports/language-model.ts';
import { createRulesThread, type ThreadLimits } from './rules-thread.ts';
import { readTopics } from './topics.ts';

export interface LocalExtractor extends LanguageModel {
  /**
   * Loads the libraries before their first use. Never rejects: the next `decide` tries again and reports the failure.
   */
  warm(): Promise<void>;
  /** Ends the thread and rejects pending calls. */
  close(): Promise<void>;
}

/** Defaults; an ordinary turn takes some milliseconds, and the libraries take 60 MB. */
const defaultLimits: ThreadLimits = { turnCpuMs: 5_000, heapMb: 256 };

/** Topics, categories, and whether there are instructions, which the rules only report. */
const rulesOptions = ({
  infer,
  includes,
  excludes,
  categories,
  instructions,
  agentInstructions,
  utcOffset,
}: TurnOptions): TurnOptions => ({
  infer,
  ...(utcOffset !== undefined && { utcOffset }),
  ...(includes !== undefined && { includes }),
  ...(excludes !== undefined && { excludes }),
  ...(categories !== undefined && { categories }),
  ...(instructions !== undefined && { instructions: '' }),
  ...(agentInstructions !== undefined && { agentInstructions: '' }),
});

/** Options that only a language model can follow. Topics are followed where they are lists. */
const ignoredOptions = (options: EffectiveOptions): ModelOption[] => {
  const modelOnly = ['instructions', 'agentInstructions', 'structuredData', 'english'] as const;
  const topics = ['includes', 'excludes'] as const;
  return [
    ...modelOnly.filter((name) => options[name] !== undefined),
    ...topics.filter((name) => options[name] !== undefined && !readTopics(options[name])),
  ];
};

/** Copies the fields that the rules read, to keep the message to the thread small. */
const toRulesRequest = ({ turns, memories }: DecideRequest): DecideRequest => ({
  turns: turns.map(({ messages, observedAt, options, document }) => ({
    messages: messages.map(({ role, content, name, saidAt }) => ({
      role,
      content,
      ...(name !== undefined && { name }),
      ...(saidAt !== undefined && { saidAt }),
    })),
    observedAt,
    options: rulesOptions(options),
    ...(document !== undefined && { document }),
  })),
  memories: memories.map(({ text, observedAt }) => ({ text, observedAt })),
});

/**
 * Language model port implemented by rules for plain English, without API key or network, in a worker thread.
 * Deterministic: the same request has the same answer, unless a turn exceeds a limit. Statements in other languages are
 * quoted; a turn that exceeds the limits on CPU time or memory is stored verbatim. Nothing is kept between calls, so a
 * call is safe to repeat, and calls may run concurrently.
 *
 * @throws RetryableError extractor_unavailable; the signal's reason once aborted
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
    ignores: ignoredOptions,
    batch: { turns: 64, characters: 1_000_000 },
    async warm() {
      await thread.load().catch(() => undefined);
    },
    probe: async () => ({ ok: true }),
    async decide(request, signal) {
      const changes = await thread.decide(toRulesRequest(request), signal);
      return { ok: true, changes, usage: { prompt: 0, completion: 0 } };
    },
    close: thread.close,
  };
};
