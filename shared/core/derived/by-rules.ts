import type { ObjectShape, Shape } from '../../domain/derived/shape.ts';
import type { Shaped } from '../../domain/derived/shaped-value.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import type { MemoryView, ScoredMemory } from '../../domain/memory/memory.ts';
import type { Json } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { searchMemories } from '../retrieval/search.ts';

/** Lowest score of a memory that fills a property: from this score on a memory clearly is about the query. */
const fillThreshold = 0.3;
/** Memories that fill an array without `maxItems`, and memories that one property looks at. */
const maxFilled = 20;
const maxPerCategory = 20;

/** Memories that a value is made from. */
export interface Sources {
  project: string;
  filter: Filter;
  /** Memories that may be used, newest first. */
  memories: readonly MemoryView[];
}

/** Names such as `fullName` and `full_name` as words. */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_\-.]+/g, ' ')
    .trim()
    .toLowerCase();

/** Characters of a memory in which options and numbers are looked for: a memory that an API call wrote may be long. */
const maxLooked = 2_000;

const asWords = (text: string): string =>
  ` ${text
    .slice(0, maxLooked)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;

/** The only number of a text; null if the text has none or several. */
const numberIn = (text: string): number | null => {
  const numbers = text.slice(0, maxLooked).match(/-?\d+(?:\.\d+)?/g) ?? [];
  return numbers.length === 1 ? Number(numbers[0]) : null;
};

/** Value of one text, number or boolean from memories, the best one first. Null where none says so: nothing is inferred. */
const scalarFrom = (shape: Shape, found: readonly MemoryView[]): Json => {
  const [best] = found;
  if (!best) return null;
  if (shape.type === 'number' || shape.type === 'integer') return numberIn(best.text);
  if (shape.type !== 'string') return null;
  const { options } = shape;
  if (!options) return best.text;
  for (const { text } of found) {
    const words = asWords(text);
    const option = options.find((one) => words.includes(asWords(one)));
    if (option !== undefined) return option;
  }
  return null;
};

const arrayFrom = (items: Shape, found: readonly MemoryView[]): Json[] =>
  found.flatMap((memory) => {
    const value = scalarFrom(items, [memory]);
    return value === null ? [] : [value];
  });

/** Texts of memories by category, newest first. Memories without a category are under `other`. */
export const groupedByCategory = (
  memories: readonly MemoryView[],
): { [category: string]: string[] } => {
  const groups = new Map<string, string[]>();
  for (const { categories, text } of memories)
    for (const category of categories.length > 0 ? categories : ['other']) {
      const texts = groups.get(category) ?? [];
      if (texts.length < maxPerCategory) texts.push(text);
      groups.set(category, texts);
    }
  return Object.fromEntries(
    [...groups].sort(([a], [b]) => Number(a === 'other') - Number(b === 'other')),
  );
};

const ofCategory = (memories: readonly MemoryView[], name: string): MemoryView[] => {
  const isNamed = new Map<string, boolean>();
  const matches = (category: string): boolean => {
    const known = isNamed.get(category) ?? wordsOf(category) === name;
    isNamed.set(category, known);
    return known;
  };
  return memories.filter(({ categories }) => categories.some(matches));
};

/** Finds the memories that a property is about: those of the category of its name, else the best results of a search for it. */
const findFor = async (
  platform: Platform,
  { project, filter, memories }: Sources,
  name: string,
  about: string | undefined,
): Promise<readonly MemoryView[]> => {
  const named = ofCategory(memories, wordsOf(name.split('.').at(-1) ?? ''));
  if (named.length > 0) return named.slice(0, maxFilled);
  const usable = new Set(memories.map(({ id }) => id));
  const { memories: found } = await searchMemories(platform, project, {
    query: about ?? wordsOf(name),
    filter,
    topK: maxFilled,
    threshold: fillThreshold,
    fills: false,
    validity: 'now',
    includeMessages: false,
    includeRough: false,
  });
  return found.filter(({ id }: ScoredMemory) => usable.has(id));
};

const valueFor = async (
  platform: Platform,
  sources: Sources,
  shape: Shape,
  name: string,
): Promise<Json> => {
  if (shape.type === 'object') return filledByRules(platform, sources, shape, name);
  if (shape.type !== 'array')
    return scalarFrom(shape, await findFor(platform, sources, name, shape.about));
  const { items } = shape;
  // An array of objects that are no memories has no rule.
  if (items.type === 'object' || items.type === 'array') return [];
  return arrayFrom(items, await findFor(platform, sources, name, shape.about ?? items.about));
};

/**
 * Fills a shape without a language model. A text is that of the memory that a search for the property finds best, if its score is
 * clear; an option is one that such a memory contains; a number is the only number of the best memory. Arrays have the texts of up to
 * 20 memories. Properties named as a category have the newest memories of the category. All else is null.
 * @throws RetryableError when the store or the index cannot be reached
 */
export const filledByRules = async (
  platform: Platform,
  sources: Sources,
  shape: ObjectShape,
  within = '',
): Promise<Shaped> => {
  const value: Shaped = {};
  for (const [name, part] of Object.entries(shape.properties))
    value[name] = await valueFor(platform, sources, part, within ? `${within}.${name}` : name);
  return value;
};
