import { invalid } from './http-error.ts';
import { limits } from './limits.ts';

/** Where a value stands, as a linked list: a path is only written out when something is wrong there. */
interface Place {
  parent: Place | undefined;
  name: string | number;
}

const pathOf = (place: Place | undefined): (string | number)[] => {
  const path: (string | number)[] = [];
  for (let at = place; at; at = at.parent) path.unshift(at.name);
  return path;
};

/** `messages[0].role`; keys the caller made up are cut short. */
export const fieldOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part).slice(0, 200)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 200);

/** @param sentence of the name of the place */
const refusal = (place: Place | undefined, sentence: (name: string) => string) => {
  const field = fieldOf(pathOf(place));
  return invalid(field, sentence(field || 'The body'));
};

const cleanText = (text: string, place: Place | undefined): string => {
  if (text.includes('\0'))
    throw refusal(place, (name) => `${name} must not contain a null character.`);
  return text.toWellFormed();
};

const cleanKey = (key: string, place: Place | undefined): void => {
  if (key.includes('\0') || !key.isWellFormed())
    throw refusal(place, (name) => `A key of ${name} is not valid text.`);
};

const cleanEntries = (value: object, place: Place | undefined): void => {
  const keys = Object.keys(value);
  const isList = Array.isArray(value);
  if (!isList && keys.length > limits.objectKeys)
    throw refusal(place, (name) => `${name} has more than ${limits.objectKeys} keys.`);
  for (const key of keys) {
    if (!isList) cleanKey(key, place);
    const part: unknown = Reflect.get(value, key);
    const cleaned = cleanJson(part, { parent: place, name: isList ? Number(key) : key });
    if (cleaned !== part) Reflect.set(value, key, cleaned);
  }
};

/**
 * Parsed JSON made safe to keep, in place: half an emoji (a lone surrogate) becomes U+FFFD; null characters, numbers
 * beyond what can be written back, and objects of very many keys are refused. Its depth was checked before it was parsed.
 * @throws HttpError 400 that names the place
 */
export const cleanJson = (value: unknown, place?: Place): unknown => {
  if (typeof value === 'string') return cleanText(value, place);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw refusal(place, (name) => `${name} is a number out of range.`);
  if (typeof value === 'object' && value !== null) cleanEntries(value, place);
  return value;
};
