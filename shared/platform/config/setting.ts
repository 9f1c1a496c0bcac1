import * as z from 'zod';

// Compiling a parser for each schema costs a cold start more than a request ever gains from it.
z.config({ jitless: true });

/** What the README says of a setting; `fallback` is read as if it had been given. */
export interface SettingDoc {
  name: string;
  fallback?: string;
  description: string;
  secret?: true;
}

export const describe = z.registry<SettingDoc>();

export const wholeNumber = (least: number, max: number, expected: string) =>
  z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= max, expected);

/** Separated by commas. */
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
