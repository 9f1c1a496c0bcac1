import { entityKinds } from '../../domain/memory/entities.ts';
import { sameJson } from '../../domain/memory/json-equality.ts';
import type { ScoredMemory } from '../../domain/memory/memory.ts';

/** Best results among which repetitions are looked for. */
const maxCompared = 200;
/** Longer texts are compared word for word. */
const maxChars = 300;

/** Words that change no statement. */
const fillers: ReadonlySet<string> = new Set(
  'a an the really very just quite user users i my mine me'.split(' '),
);

/** Words of a text that say something, each without the ending of a plural or of the third person. */
const contentOf = (text: string): string => {
  if (text.length > maxChars) return text;
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words
    .filter((word) => !fillers.has(word))
    .map((word) => (word.length > 3 ? word.replace(/s$/u, '') : word))
    .join(' ');
};

/** Results with equal keys may repeat each other: they have the same words, owner, time of validity and speaker. */
const keyOf = ({ text, entities, validUntil, attributedTo, message }: ScoredMemory): string => {
  const owners = entityKinds.filter((kind) => kind !== 'run').map((kind) => entities[kind] ?? null);
  const words = contentOf(text) || text;
  return JSON.stringify([...owners, validUntil ?? null, attributedTo, message?.name, words]);
};

/**
 * Leaves out results that say with nearly the same words what a better one says, of the same user, agent and app and with the same
 * metadata; the better one names them. Turns that are not refined yet stay.
 * @param found best first
 */
export const distinctResults = (found: readonly ScoredMemory[]): ScoredMemory[] => {
  const kept: ScoredMemory[] = [];
  const places = new Map<string, number[]>();
  const placeOfSame = (memory: ScoredMemory, key: string): number | undefined =>
    places.get(key)?.find((place) => sameJson(kept[place]?.metadata, memory.metadata));
  for (const memory of found.slice(0, maxCompared)) {
    const key = memory.rough ? memory.id : keyOf(memory);
    const place = placeOfSame(memory, key);
    const better = place === undefined ? undefined : kept[place];
    if (place !== undefined && better)
      kept[place] = { ...better, duplicates: [...(better.duplicates ?? []), memory.id] };
    else {
      places.set(key, [...(places.get(key) ?? []), kept.length]);
      kept.push(memory);
    }
  }
  return [...kept, ...found.slice(maxCompared)];
};
