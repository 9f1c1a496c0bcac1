import { toErrorInfo } from '../../domain/errors.ts';
import { analyze } from '../../domain/memory/analyzer.ts';
import type { ScoredMemory } from '../../domain/memory/memory.ts';
import { unitCosine } from '../../domain/memory/vector.ts';
import type { Platform } from '../../ports/platform.ts';

/** Best results that the choice is made from, at least and at most. */
const pool = { min: 20, max: 60 };
/** Longest wait for the vectors of the results, ms. After this they are compared by their words. */
const waitMs = 1_500;
/** Length of the start of a text that is compared. */
const maxChars = 1_000;

/** Vectors of the texts; none where the embedder fails or is late. */
const vectorsOf = async (
  { embedder, clock, telemetry }: Platform,
  project: string,
  texts: readonly string[],
): Promise<readonly Float32Array[]> => {
  const ended = new AbortController();
  const embedded = embedder
    .embed(texts, { project, priority: 'query', signal: ended.signal })
    .catch((error: unknown) => {
      telemetry.log('warn', 'search.compared_by_words', { code: toErrorInfo(error).code });
      return [];
    });
  const waited = new AbortController();
  const late = clock.sleep(waitMs, waited.signal).then(() => []);
  const vectors = await Promise.race([embedded, late]);
  waited.abort();
  ended.abort();
  return vectors;
};

/** Share of the words of both texts together that both have (Jaccard). */
const sharedWords = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared / Math.max(1, a.size + b.size - shared);
};

/** Returns how much two of the texts have in common, 0..1: their cosine or their share of common words, whichever is more. */
const commonOf = (texts: readonly string[], vectors: readonly Float32Array[]) => {
  const words = texts.map((text) => new Set(analyze(text)));
  const none: ReadonlySet<string> = new Set();
  return (a: number, b: number): number => {
    const [one, other] = [vectors[a], vectors[b]];
    const cosine = one && other ? unitCosine(one, other) : 0;
    return Math.max(cosine, sharedWords(words[a] ?? none, words[b] ?? none));
  };
};

/** Positions of the candidates, each the best one that is left. */
const choose = (
  scores: readonly number[],
  diversity: number,
  common: (a: number, b: number) => number,
): number[] => {
  const left = new Set(scores.keys());
  const repeated = scores.map(() => 0);
  const chosen: number[] = [];
  const marginal = (at: number): number =>
    (1 - diversity) * (scores[at] ?? 0) - diversity * (repeated[at] ?? 0);
  while (left.size > 0) {
    const next = [...left].reduce((best, at) => (marginal(at) > marginal(best) ? at : best));
    left.delete(next);
    chosen.push(next);
    for (const at of left) repeated[at] = Math.max(repeated[at] ?? 0, common(at, next));
  }
  return chosen;
};

/**
 * Chooses results that are relevant and unlike each other, by maximal marginal relevance (Carbonell and Goldstein, 1998): each next
 * result has the best score, less what it has in common with those before it. The choice is made from the best 20 results, or from
 * twice as many as are wanted, at most 60; the rest follows by score. Scores stay.
 * @param found best first
 * @param diversity 0 keeps the order, 1 looks at the first score alone
 */
export const diversify = async (
  platform: Platform,
  project: string,
  found: readonly ScoredMemory[],
  { diversity, topK }: { diversity: number; topK: number },
): Promise<ScoredMemory[]> => {
  if (found.length < 3) return [...found];
  const size = Math.min(pool.max, Math.max(pool.min, 2 * topK));
  const candidates = found.slice(0, size);
  const texts = candidates.map(({ text }) => text.slice(0, maxChars));
  const common = commonOf(texts, await vectorsOf(platform, project, texts));
  // Scores by place: recency and the language model may have changed the order.
  const scores = candidates.map(({ score }) => score).toSorted((a, b) => b - a);
  const chosen = choose(scores, diversity, common).flatMap((at) => candidates[at] ?? []);
  return [...chosen, ...found.slice(size)];
};
