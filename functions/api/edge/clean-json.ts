import { invalid } from './http-error.ts';

type Path = readonly (string | number)[];

/** Levels of objects and lists; deeper ones only serve to exhaust a stack. */
const maxDepth = 40;

/** `messages[0].role`; keys the caller made up are cut short. */
export const fieldOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 200);

const nameOf = (path: Path): string => fieldOf(path) || 'The body';

const cleanText = (text: string, path: Path): string => {
  if (text.includes('\0'))
    throw invalid(fieldOf(path), `${nameOf(path)} must not contain a null character.`);
  return text.toWellFormed();
};

const cleanKey = (key: string, path: Path): void => {
  if (key.includes('\0') || !key.isWellFormed())
    throw invalid(fieldOf(path), `A key of ${nameOf(path)} is not valid text.`);
};

const cleanEntries = (value: object, path: Path): void => {
  for (const [key, part] of Object.entries(value)) {
    const name = Array.isArray(value) ? Number(key) : key;
    if (typeof name === 'string') cleanKey(name, path);
    const cleaned = cleanJson(part, [...path, name]);
    if (cleaned !== part) Reflect.set(value, key, cleaned);
  }
};

/**
 * Parsed JSON made safe to keep, in place: half an emoji (a lone surrogate) becomes U+FFFD; null characters, numbers
 * beyond what can be written back, and deep nesting are refused.
 * @throws HttpError 400 that names the place
 */
export const cleanJson = (value: unknown, path: Path = []): unknown => {
  if (typeof value === 'string') return cleanText(value, path);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw invalid(fieldOf(path), `${nameOf(path)} is a number out of range.`);
  if (typeof value !== 'object' || value === null) return value;
  if (path.length >= maxDepth)
    throw invalid(String(path[0] ?? ''), `The body is nested deeper than ${maxDepth} levels.`);
  cleanEntries(value, path);
  return value;
};
