import type { ObjectShape } from '../../domain/derived/shape.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import type { FillRequest } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import { countTokens, spentBudget } from '../model-budget.ts';
import { currentOutage } from '../refine/breaker.ts';
import { listMemories } from '../retrieval/list.ts';
import { groupedByCategory } from './by-rules.ts';

/** Memories that a summary is about, the newest ones, and the characters of them that a model is shown. */
const maxMemories = 300;
const maxCharacters = 24_000;
/** Longest wait for the model, ms: below the timeout of gateways. */
const modelWaitMs = 25_000;
/** Characters of a summary without a model. */
const maxSummary = 8_000;

const shape: ObjectShape = {
  type: 'object',
  properties: { summary: { type: 'string', about: 'One short paragraph of plain sentences.' } },
};
const purpose = 'Summary of everything that is known.';

export interface Summary {
  text: string;
  /** The model failed or was late, so the text was made by rules. */
  isDegraded: boolean;
}

const withinLimit = (memories: readonly MemoryView[]): MemoryView[] => {
  let characters = 0;
  return memories.filter(({ text }) => {
    if (characters + text.length > maxCharacters) return false;
    characters += text.length;
    return true;
  });
};

/** Texts of the memories themselves: one line for each category, newest first, as many as fit. */
const extract = (memories: readonly MemoryView[]): string => {
  const lines: string[] = [];
  let left = maxSummary;
  // A memory of several categories is said once.
  const once = memories.map((memory) => ({
    ...memory,
    categories: memory.categories.slice(0, 1),
  }));
  for (const [category, texts] of Object.entries(groupedByCategory(once))) {
    const kept = texts.filter((text) => {
      if (text.length + 1 > left) return false;
      left -= text.length + 1;
      return true;
    });
    if (kept.length > 0) lines.push(`${category}: ${kept.join(' ')}`);
  }
  return lines.join('\n');
};

/** Asks the model; undefined when it gives no usable answer in time. */
const askModel = async (
  platform: Platform,
  project: string,
  request: FillRequest,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { languageModel, clock, telemetry } = platform;
  if (!languageModel.fill || (await currentOutage(platform))) return undefined;
  if (await spentBudget(platform, project)) return undefined;
  const [timeout, answered] = [new AbortController(), new AbortController()];
  void clock.sleep(modelWaitMs, answered.signal).then(() => timeout.abort());
  try {
    const filled = await languageModel.fill(request, AbortSignal.any([signal, timeout.signal]));
    await countTokens(platform, project, filled.usage);
    if (!filled.ok) telemetry.log('warn', 'model.fill_failed', { code: filled.code });
    const text = filled.ok ? filled.value['summary'] : undefined;
    return typeof text === 'string' ? text : undefined;
  } catch (error) {
    if (!timeout.signal.aborted) throw error;
    telemetry.log('warn', 'model.fill_failed', { code: 'model_timeout' });
    return undefined;
  } finally {
    answered.abort();
  }
};

/**
 * Summarizes the newest memories that a filter matches, rough ones included. With a language model in its words, within 25 s; without
 * one, or when it fails, in the words of the memories, by category. Nothing is stored. Strongly consistent.
 * @throws the signal's reason once it aborted
 */
export const summarize = async (
  platform: Platform,
  project: string,
  filter: Filter,
  signal: AbortSignal,
): Promise<Summary> => {
  const { memories } = await listMemories(platform, project, {
    filter,
    skip: 0,
    limit: maxMemories,
  });
  const hasModel = platform.languageModel.fill !== undefined;
  if (memories.length === 0) return { text: '', isDegraded: false };
  const request = { shape, purpose, memories: withinLimit(memories) };
  const text = await askModel(platform, project, request, signal);
  return { text: text ?? extract(memories), isDegraded: hasModel && text === undefined };
};
