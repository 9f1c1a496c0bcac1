import { type Field, fieldOf, wordsOf } from '../../domain/derived/fields/field.ts';
import { readField } from '../../domain/derived/fields/read-field.ts';
import { type Statement, statementsOf } from '../../domain/derived/fields/statement.ts';
import type { ObjectShape, Shape } from '../../domain/derived/shape.ts';
import type { Shaped } from '../../domain/derived/shaped-value.ts';
import { analyze } from '../../domain/memory/analyzer.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import type { Json } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import { createPace, type Pace } from '../yield-to-loop.ts';
import type { FillLimits } from './by-model.ts';

/** Memories that fill an array without `maxItems`, and memories that one property looks at. */
const maxFilled = 20;
const maxPerCategory = 20;

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

/** A statement of a memory, with its stems: a statement without a word of a field is not read for the field, unless it may fill a slot. */
interface Source {
  statement: Statement;
  stems: ReadonlySet<string>;
}

/** State that the properties of one shape share. */
interface Filling {
  /** Memories that may be used, newest first. */
  memories: readonly MemoryView[];
  statements: readonly Source[];
  pace: Pace;
  giveWay: NonNullable<FillLimits['giveWay']>;
  /** Whether the run has to end: later properties stay empty. */
  isStopped: boolean;
}

const readStatements = async (
  memories: readonly MemoryView[],
  pace: Pace,
): Promise<readonly Source[]> => {
  const read: Source[] = [];
  for (const { text } of memories) {
    for (const statement of statementsOf(text))
      read.push({ statement, stems: new Set(analyze(statement.text)) });
    await pace.pause();
  }
  return read;
};

const mayFill = ({ asks }: Field, shape: Shape, { stems }: Source): boolean =>
  (shape.type === 'string' && shape.options !== undefined) ||
  asks.some(
    ({ words, slot }) =>
      slot !== undefined || words.length === 0 || words[0]?.some((stem) => stems.has(stem)),
  );

/** Values of a field, without duplicates; `sentences` name the field and say no value. */
interface Found {
  values: Set<Json>;
  sentences: Set<Json>;
}

const readStatement = (field: Field, shape: Shape, { statement }: Source, found: Found): void => {
  for (const { value, isSentence } of readField(field, shape, statement))
    (isSentence ? found.sentences : found.values).add(value);
};

/** Reads values of a field, those of the newest memories first; without any, the sentences that name the field. */
const readValues = async (
  { statements, pace }: Filling,
  field: Field,
  shape: Shape,
  max: number,
): Promise<Json[]> => {
  const found: Found = { values: new Set(), sentences: new Set() };
  const { values, sentences } = found;
  for (const source of statements) {
    if (values.size >= max) break;
    if (mayFill(field, shape, source)) readStatement(field, shape, source, found);
    if (pace.isDue()) await pace.rest();
  }
  return [...(values.size > 0 ? values : sentences)].slice(0, max);
};

const valuesFor = async (
  filling: Filling,
  name: string,
  shape: Shape,
  texts: readonly string[],
  max: number,
  isList: boolean,
): Promise<Json[]> => {
  const own = name.split('.').at(-1) ?? '';
  const field = fieldOf(own, texts, isList);
  const named = shape.type === 'string' ? ofCategory(filling.memories, wordsOf(own)) : [];
  if (isList && named.length > 0) return named.slice(0, max).map(({ text }) => text);
  const read = await readValues(filling, field, shape, max);
  if (read.length > 0) return read;
  return named.slice(0, max).map(({ text }) => text);
};

const describedBy = (...shapes: readonly Shape[]): string[] =>
  shapes.flatMap(({ title, about }) => [title, about].filter((text) => text !== undefined));

const valueFor = async (filling: Filling, shape: Shape, name: string): Promise<Json> => {
  if (filling.isStopped || !(await filling.giveWay())) {
    filling.isStopped = true;
    return null;
  }
  if (shape.type === 'object') return fillObject(filling, shape, name);
  if (shape.type !== 'array') {
    const [value = null] = await valuesFor(filling, name, shape, describedBy(shape), 1, false);
    return value;
  }
  const { items } = shape;
  // An array of objects that are no memories has no rule.
  if (items.type === 'object' || items.type === 'array') return [];
  return valuesFor(filling, name, items, describedBy(shape, items), maxFilled, true);
};

const fillObject = async (
  filling: Filling,
  shape: ObjectShape,
  within: string,
): Promise<Shaped> => {
  const value: Shaped = {};
  for (const [name, part] of Object.entries(shape.properties))
    value[name] = await valueFor(filling, part, within ? `${within}.${name}` : name);
  return value;
};

/**
 * Fills a shape without a language model. A property gets the value that a memory states of it: one that names the property, or says
 * in a common way what the property asks for ("lives in Oslo" for `city`). A sentence that names the property without a value
 * is a text. Properties named as a category have
 * the newest memories of the category. All else is null: nothing is inferred.
 * Other runs that wait get the slot between two properties.
 * @returns undefined when the run has to end
 */
export const filledByRules = async (
  platform: Pick<Platform, 'clock'>,
  memories: readonly MemoryView[],
  shape: ObjectShape,
  { giveWay = async () => true }: Pick<FillLimits, 'giveWay'>,
): Promise<Shaped | undefined> => {
  const pace = createPace(platform);
  const statements = await readStatements(memories, pace);
  const filling = { memories, statements, pace, giveWay, isStopped: false };
  const value = await fillObject(filling, shape, '');
  return filling.isStopped ? undefined : value;
};
