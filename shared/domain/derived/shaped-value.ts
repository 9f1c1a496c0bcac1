import type { Json } from '../memory/turn.ts';
import type { ObjectShape, Shape } from './shape.ts';

/** A derived value: an object that fits its shape. */
export type Shaped = { [name: string]: Json };

/** Characters of one text. */
const maxTextLength = 64_000;
/** Entries of an array whose schema has no `maxItems`. */
const maxEntries = 10_000;

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown, options: readonly string[] | undefined): string | null => {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.trim() === '') return null;
  if (!options) return text.slice(0, maxTextLength);
  return options.find((option) => option.toLowerCase() === text.trim().toLowerCase()) ?? null;
};

const numberOf = (value: unknown, isWhole: boolean): number | null => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  return isWhole && !Number.isInteger(number) ? null : number;
};

/** Whether a value says nothing: null, or made of such values alone. */
export const saysNothing = (value: Json): boolean => {
  if (Array.isArray(value)) return value.every(saysNothing);
  return value === null || (isObject(value) && Object.values(value).every(saysNothing));
};

const fitted = (shape: Shape, value: unknown): Json => {
  switch (shape.type) {
    case 'object': {
      const object = fitTo(shape, value);
      return saysNothing(object) ? null : object;
    }
    case 'array': {
      const entries = Array.isArray(value) ? value : [];
      const max = Math.min(shape.max ?? maxEntries, maxEntries);
      return entries
        .slice(0, maxEntries)
        .map((entry) => fitted(shape.items, entry))
        .filter((entry) => !saysNothing(entry))
        .slice(0, max);
    }
    case 'string':
      return textOf(value, shape.options);
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    default:
      return numberOf(value, shape.type === 'integer');
  }
};

/**
 * Makes a value fit a shape. Properties that the shape does not have are left out; values of another type, and texts that are no
 * option, become null, and are left out of arrays. An object inside that says nothing is null.
 */
export const fitTo = ({ properties }: ObjectShape, value: unknown): Shaped => {
  const given = isObject(value) ? value : {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, shape]) => [
      name,
      fitted(shape, Object.hasOwn(given, name) ? given[name] : null),
    ]),
  );
};

const mergedArray = (parts: readonly Json[], max: number): Json[] => {
  const seen = new Set<Json>();
  return parts
    .flatMap((part) => (Array.isArray(part) ? part : []))
    .filter((entry) => {
      if (typeof entry === 'object') return true;
      const isNew = !seen.has(entry);
      seen.add(entry);
      return isNew;
    })
    .slice(0, max);
};

const merged = (shape: Shape, parts: readonly Json[]): Json => {
  if (shape.type === 'array') return mergedArray(parts, shape.max ?? maxEntries);
  const given = parts.filter((part) => part !== null);
  if (shape.type !== 'object') return given[0] ?? null;
  return given.length === 0 ? null : mergeShaped(shape, given.filter(isShaped));
};

const isShaped = (value: Json): value is Shaped => isObject(value);

/**
 * Merges values of one shape: arrays are joined, each text once; of other values the first that is not null counts. So values that were
 * made from newer memories come first.
 */
export const mergeShaped = ({ properties }: ObjectShape, parts: readonly Shaped[]): Shaped =>
  Object.fromEntries(
    Object.entries(properties).map(([name, shape]) => [
      name,
      merged(
        shape,
        parts.map((part) => part[name] ?? null),
      ),
    ]),
  );
