import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { type Searchable, searchTerms } from '../../domain/memory/search-terms.ts';
import { messageText, saidAtOf } from '../../domain/memory/turn.ts';
import type { SpokenMessage } from './messages.ts';

type Terms = ReturnType<typeof searchTerms>;

/** A memory or a message that may answer a query, with the features that ranking uses. */
export interface Candidate {
  id: string;
  /** Stems with their counts (`searchTerms`). */
  terms: { readonly [stem: string]: number };
  /** Cosine with the query, when both have a vector. */
  semantic?: number;
  /** Cosines of the messages just before and after, as far as they are above those of unrelated texts, when known. */
  cosinesAround?: number;
  /** When it was said, ms since 1970. */
  observedAt: number;
  /** Run id, or the turn's own id when there is no run. */
  session?: string;
  /** Turn ids, oldest first. */
  lineage: readonly string[];
  /** Position in its newest turn of the message, or of the message that the memory was drawn from, when known. */
  position?: number;
  text: string;
  /** Name of the person who said it. */
  speaker?: string;
  /** Set on a message. */
  isMessage?: true;
}

/** Bound of the cache: terms of all its texts together. */
const maxCachedTerms = 400_000;

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

/** Returns the terms of a message. The terms are cached, because every search of the scope needs them. */
const messageTerms = (id: string, searchable: Searchable): Terms => {
  const { text } = searchable;
  const cached = cache.get(id);
  if (cached?.text === text) return cached.terms;
  removeFromCache(id);
  const terms = searchTerms(searchable);
  addToCache(id, text, terms);
  return terms;
};

/** @param position position of the message that the memory was drawn from, when known */
export const memoryCandidate = (memory: Memory, position?: number): Candidate => ({
  id: memory.id,
  terms: memory.terms,
  observedAt: memory.observedAt,
  session: memory.entities.run ?? memory.lineage.at(-1) ?? memory.id,
  lineage: memory.lineage,
  ...(position === undefined ? {} : { position }),
  text: memory.text,
  ...(memory.speaker === undefined ? {} : { speaker: memory.speaker }),
});

export const messageCandidate = ({ turn, position, message }: SpokenMessage): Candidate => {
  const id = messageId(turn.id, position);
  const observedAt = saidAtOf(turn, message);
  const text = messageText(message);
  const speaker = message.name === undefined ? {} : { speaker: message.name };
  return {
    id,
    terms: messageTerms(id, { text, ...speaker, observedAt }),
    observedAt,
    session: turn.entities.run ?? turn.id,
    lineage: [turn.id],
    position,
    text,
    isMessage: true,
    ...speaker,
  };
};
