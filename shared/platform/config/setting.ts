import * as z from 'zod';

// Compiled parsers cost a cold start more time than they save in requests.
z.config({ jitless: true });

/** Name, default and description of a setting. `fallback` is parsed like a given value. */
export interface SettingDoc {
  name: string;
  fallback?: string;
  description: string;
  secret?: true;
}

export const describe = z.registry<SettingDoc>();

/** Parses in a single transform: a cold start makes dozens of these, and checks and refinements would be schemas of their own. */
export const wholeNumber = (min: number, max: number, expected: string) =>
  z.string().transform((text, context) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue(expected);
    return z.NEVER;
  });

/** List separated by commas; empty entries are dropped. */
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

export const isHttpUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url?.protocol === 'http:' || url?.protocol === 'https:';
};

export const httpUrl = z.string().refine(isHttpUrl, 'a URL that starts with http:// or https://');

export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, `one of ${words.join(', ')}`);
