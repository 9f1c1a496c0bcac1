import type { Json, Metadata } from '../../../shared/domain/memory/turn.ts';

export const times = (text: string, characters: number): string =>
  text.repeat(Math.ceil(characters / text.length)).slice(0, characters);

/** Largest text of a memory. */
const memoryCharacters = 49_900;
const memoryBytes = 63_000;

const repeated = [
  ' ',
  'x',
  ',',
  '.',
  ' ,',
  ', and ',
  'I like tea. ',
  "I'm ",
  'no, ',
  'my name is ',
  '"',
  '(',
  '-',
  '1,',
  '1',
  '!',
  '?!',
  '\n',
  '\t ',
  'é',
  "'",
  'aA',
];
const wide = ['привет, ', '我喜欢茶。', 'е\u0301', '🇫🇷', '👩‍👩‍👧'];

/** Repeats a part up to the limits of a memory in characters and in bytes of JSON. */
const filling = (part: string): string => {
  const bytes = (Buffer.byteLength(JSON.stringify(part)) - 2) / part.length;
  return times(part, Math.min(memoryCharacters, Math.floor(memoryBytes / bytes)));
};

/** Texts near the size limit that provoke backtracking in scanners: one repeated part with a plausible start or end. */
export const hostileTexts: readonly string[] = [...repeated, ...wide].flatMap((part) => [
  `User likes tea 0${filling(part)}x`,
  `${filling(part)}я`,
]);

/** A text of many distinct terms. */
export const ideographs = Array.from({ length: 130 }, (_, n) =>
  String.fromCharCode(0x4e00 + n * 37),
).join('');

const nested = (depth: number): Json => (depth === 0 ? 'deep' : { a: nested(depth - 1) });

export const deepMetadata: Metadata = { deep: nested(30), text: times('x ', 30_000) };

export const wideMetadata: Metadata = Object.fromEntries(
  Array.from({ length: 990 }, (_, index) => [`key${index}`, `value ${index} of many`]),
);

const megabyte = 1_000_000;
const turnCharacters = 240_000;

const copies = <T extends Json>(length: number, value: T): Json[] =>
  Array.from({ length }, () => value);

const nestedLists = (depth: number): Json => (depth === 0 ? 0 : [nestedLists(depth - 1)]);

/** Values for every field of a valid request. */
export const usualValues: readonly Json[] = [
  times('x', megabyte * 0.9),
  times(', ', turnCharacters),
  copies(48_000, 0),
  copies(99, times('x', 9_000)),
  nested(37),
];

/** Values for some fields only. */
export const rareValues: readonly Json[] = [
  times('x', turnCharacters),
  `User likes tea${times(' ', 49_000)}x`,
  times(' ', turnCharacters),
  times('! ', 49_000),
  times('привет,', 49_000),
  times('\ud800', 40_000),
  times('a\u0301', 100_000),
  times('\\', 100_000),
  times('我', 49_000),
  '\0',
  '',
  copies(200_000, ''),
  copies(400_000, 0),
  copies(48_000, {}),
  wideMetadata,
  copies(60_000, {}),
  copies(99, 'a'),
  Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 0])),
  copies(10_000, 'name'),
  nestedLists(38),
  1e308,
  -1,
  0.5,
  true,
  null,
];

/** Raw bodies, independent of any schema. */
export const hostileBodies: readonly string[] = [
  `[${times('0,', megabyte * 0.98)}0]`,
  `[${times('0,', megabyte * 10)}0]`,
  `{"a":[${times('{},', megabyte * 0.98)}{}]}`.replace('},]', '}]'),
  `{"a":${times('[', megabyte * 0.49)}${times(']', megabyte * 0.49)}}`,
  times('[', megabyte * 0.98),
  times('{"a":', megabyte * 0.98),
  `{${times('"a":1,', megabyte * 0.98)}"a":1}`,
  `{${Array.from({ length: 80_000 }, (_, index) => `"k${index}":0`).join()}}`,
  times(' ', megabyte * 0.98),
  `"${times('\\u0000', megabyte * 0.96)}"`,
  `{"a":"${times('\\ud800', megabyte * 0.96)}"}`,
  `{"a":${times('9', megabyte * 0.98)}}`,
  `{"a":${times('-0.1e-9,', 90)}}`,
  '{"__proto__":{"a":1},"constructor":{"prototype":{"a":1}}}',
];

/** Makes a list of that length. */
export const list = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

/** Text of that length. */
export const long = (characters: number): string => times('x', characters);
