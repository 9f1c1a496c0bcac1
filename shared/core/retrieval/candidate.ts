import { countTerms } from '../../domain/memory/analyzer.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';

type Terms = ReturnType<typeof countTerms>;

/** A memory or a rough turn that may answer a query, with the features that ranking uses. */
export interface Candidate {
  id: string;
  /** Stems of its index text with their counts. */
  terms: { readonly [stem: string]: number };
  /** Cosine with the query, when both have a vector. */
  semantic?: number;
  /** When it was said, ms since 1970. */
  observedAt: number;
  /** Run id, or the turn's own id when there is no run. */
  session?: string;
  /** Turn ids, oldest first. */
  lineage: readonly string[];
  text: string;
  rough: boolean;
}

/** Shorter texts are analysed faster than they are looked up. */
const minCachedChars = 2_000;
/** Bound of the cache: terms of all its texts together. */
const maxCachedTerms = 200_000;

const cache = new Map<string, { text: string; terms: Terms; size: number }>();
let cachedTerms = 0;

const removeFromCache = (id: string): void => {
  cachedTerms -= cache.get(id)?.size ?? 0;
  cache.delete(id);
};

const addToCache = (id: string, text: string, terms: Terms): void => {
  const size = Object.keys(terms).length;
  cache.set(id, { text, terms, size });
  cachedTerms += size;
  for (const oldest of cache.keys()) {
    if (cachedTerms <= maxCachedTerms) return;
    removeFromCache(oldest);
  }
};

/** Terms of a rough memory. Terms of long texts are cached, because every search of the scope needs them. */
const roughTerms = ({ id, text }: MemoryView): Terms => {
  if (text.length < minCachedChars) return countTerms(text);
  const cached = cache.get(id);
  if (cached?.text === text) return cached.terms;
  removeFromCache(id);
  const terms = countTerms(text);
  addToCache(id, text, terms);
  return terms;
};

/** @param memory absent for a rough turn, whose terms are counted here */
export const toCandidate = (view: MemoryView, memory: Memory | undefined): Candidate => ({
  id: view.id,
  terms: memory ? memory.terms : roughTerms(view),
  observedAt: view.observedAt,
  session: view.entities.run ?? view.lineage.at(-1) ?? view.id,
  lineage: view.lineage,
  text: view.text,
  rough: view.rough,
});
