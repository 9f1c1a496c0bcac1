import { invalid } from './http-error.ts';
import { limits } from './limits.ts';

/** Position of a value in the body. A linked list, so that a path is built only for an error. */
interface Position {
  parent: Position | undefined;
  name: string | number;
}

const pathOf = (position: Position | undefined): (string | number)[] => {
  const path: (string | number)[] = [];
  for (let at = position; at; at = at.parent) path.unshift(at.name);
  return path;
};

/** Formats a path as `messages[0].role`. Long keys are truncated. */
export const fieldOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part).slice(0, 200)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 200);

/** @param sentence builds the sentence from the name of the position */
const invalidAt = (position: Position | undefined, sentence: (name: string) => string) => {
  const field = fieldOf(pathOf(position));
  return invalid(field, sentence(field || 'The body'));
};

const sanitizeText = (text: string, position: Position | undefined): string => {
  if (text.includes('\0'))
    throw invalidAt(position, (name) => `${name} must not contain a null character.`);
  return text.toWellFormed();
};

const validateKey = (key: string, position: Position | undefined): void => {
  if (key.includes('\0') || !key.isWellFormed())
    throw invalidAt(position, (name) => `A key of ${name} is not valid text.`);
};

const sanitizeEntries = (value: object, position: Position | undefined): void => {
  const keys = Object.keys(value);
  const isList = Array.isArray(value);
  if (!isList && keys.length > limits.objectKeys)
    throw invalidAt(position, (name) => `${name} has more than ${limits.objectKeys} keys.`);
  for (const key of keys) {
    if (!isList) validateKey(key, position);
    const part: unknown = Reflect.get(value, key);
    const sanitized = sanitizeJson(part, { parent: position, name: isList ? Number(key) : key });
    if (sanitized !== part) Reflect.set(value, key, sanitized);
  }
};

/**
 * Makes parsed JSON safe to store, in place. Replaces lone surrogates (half an emoji) by U+FFFD; rejects null characters,
 * numbers that JSON cannot represent, and objects with too many keys. Recursion is safe, since `checkStructure` limits the
 * depth before parsing.
 * @throws HttpError 400 that names the position
 */
export const sanitizeJson = (value: unknown, position?: Position): unknown => {
  if (typeof value === 'string') return sanitizeText(value, position);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalidAt(position, (name) => `${name} is a number out of range.`);
  if (typeof value === 'object' && value !== null) sanitizeEntries(value, position);
  return value;
};
