import { type ScoredMemory, statedAt } from '../../domain/memory/memory.ts';
import { dayMs } from '../../domain/time.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AskModel } from '../model-requests.ts';
import { diversify } from './diversify.ts';
import { rerank } from './rerank.ts';

/** Age at which a memory is half as fresh. */
const halfLifeMs = 30 * dayMs;

/** How the answers of a search are ordered, besides by their scores. */
export interface Order {
  /** Share of the order that is due to how recently a memory was said, 0..1. */
  recency: number;
  /** How far results are to be unlike each other, 0..1. */
  diversity: number;
  /** Asks the language model to order the best results; bounds the call. */
  rerank?: AskModel;
}

/** Orders by score and freshness, which halves every 30 days, weighed by `recency`. Scores stay. */
const byRecency = (
  found: readonly ScoredMemory[],
  recency: number,
  now: number,
): ScoredMemory[] => {
  const weight = (memory: ScoredMemory): number =>
    (1 - recency) * memory.score +
    recency * 0.5 ** (Math.max(0, now - statedAt(memory)) / halfLifeMs);
  return found
    .map((memory) => ({ memory, weight: weight(memory) }))
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ memory }) => memory);
};

/**
 * Orders the answers of a search as asked: by recency, then by the language model, then by diversity. Scores stay.
 * @param found best first
 * @returns `isReranked` false: the language model was asked in vain
 */
export const reorder = async (
  platform: Platform,
  project: string,
  found: readonly ScoredMemory[],
  { query, topK, now, order }: { query: string; topK: number; now: number; order: Order },
): Promise<{ memories: ScoredMemory[]; isReranked: boolean }> => {
  const { recency, diversity, rerank: ask } = order;
  const fresh = recency > 0 ? byRecency(found, recency, now) : [...found];
  const ranked = ask && (await rerank(platform, project, query, fresh, ask));
  const best = ranked ?? fresh;
  return {
    memories: diversity > 0 ? await diversify(platform, project, best, { diversity, topK }) : best,
    isReranked: ask === undefined || ranked !== undefined,
  };
};
