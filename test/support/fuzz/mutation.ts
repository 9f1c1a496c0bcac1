import fc from 'fast-check';
import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import { examples } from './examples.ts';

/** Single mutation of a valid request. `at` selects a position, modulo the number of positions. */
export type Mutation =
  | { kind: 'set'; at: number; value: Json }
  | { kind: 'remove'; at: number }
  | { kind: 'repeat'; at: number; times: number }
  | { kind: 'wrap'; at: number; depth: number; asList: boolean }
  | { kind: 'swap'; at: number; with: number }
  | { kind: 'add'; at: number; name: string; value: Json }
  | { kind: 'duplicateKey'; at: number }
  | { kind: 'truncate'; at: number }
  | { kind: 'insert'; at: number; text: string }
  | { kind: 'replaceBody'; value: Json }
  | { kind: 'query'; name: string; value: string }
  | { kind: 'header'; name: string; value: string }
  | { kind: 'segment'; at: number; value: string }
  | { kind: 'method'; method: string }
  | { kind: 'key'; holder: 'reader' | 'foreign' | 'none' | 'unknown' };

export interface Mutant {
  example: Example;
  mutations: Mutation[];
}

const units = [
  ...['x', ' ', ',', '.', '!', '\n', '"', '\\', "'", '%', '#', '/', '0', '-', '{', '[', '<b>'],
  ...['I like tea. ', 'and ', 'a,', '\0', '\u007f', '\u202e', '\ufffd', '\ud800', '\udc00'],
  ...['é', 'e\u0301', 'ﬁ', '我', 'привет, ', '👩‍👩‍👧', '\u{1f1eb}\u{1f1f7}', '__proto__', 'İ'],
];

/** Mostly short; one in twelve near the largest size of a request. */
const length = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 3, arbitrary: fc.integer({ min: 200, max: 5_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 40_000, max: 260_000 }) },
);
const run = fc
  .tuple(fc.constantFrom(...units), length)
  .map(([unit, characters]) =>
    unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters),
  );

const kinds = ['memory', 'event', 'endpoint', 'busyEndpoint', 'delivery', 'recovery', 'project'];
const foreign = ['foreignMemory', 'foreignEvent', 'foreignEndpoint', 'foreignDelivery'];
const cursors = ['deliveryCursor', 'notificationCursor'];
const id = fc.constantFrom(...[...kinds, ...foreign, ...cursors].map((kind) => `{{${kind}}}`));

const forged = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 999_999_999_999_999 }), fc.constantFrom('#', '#~', ''))
    .map(([at, end]) => `${String(at).padStart(15, '0')}${end}`),
  fc.string({ maxLength: 60 }).map((text) => Buffer.from(text).toString('base64url')),
  fc
    .integer({ min: 0, max: 999_999_999_999_999 })
    .map((at) => Buffer.from(`${String(at).padStart(15, '0')}#x a b`).toString('base64url')),
);

const words = fc.constantFrom(
  ...['*', 'null', 'true', 'NaN', '1e9', '-1', '0', '1', '200', '1000', 'full', 'talker', 'id'],
  ...['2026-01-01', '0000-00-00', '9999-12-31T23:59:59Z', '2026-02-30', 'constructor', 'user_id'],
);

const text = fc.oneof(run, id, forged, words, fc.string({ unit: 'binary', maxLength: 30 }));

const number = fc.oneof(
  fc.constantFrom(0, -0, -1, 1, 0.5, 1e21, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53, 1e15),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const atom: fc.Arbitrary<Json> = fc.oneof(text, number, fc.boolean(), fc.constant(null));

const value: fc.Arbitrary<Json> = fc.oneof(
  { weight: 6, arbitrary: atom },
  { weight: 1, arbitrary: fc.array(atom, { maxLength: 6 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.oneof(words, fc.string({ maxLength: 12 })), atom) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom<Json>(0, '', {}, [], null, 'name'), length)
      .map(([one, count]): Json => Array.from({ length: Math.floor(count / 4) }, () => one)),
  },
);

const at = fc.nat({ max: 200 });
const parameters = fc.constantFrom(
  ...['page', 'page_size', 'limit', 'after', 'since', 'until', 'status', 'wait', 'fields'],
  ...['user_id', 'agent_id', 'app_id', 'run_id', 'categories', 'keywords', 'metadata', 'x'],
  ...['start_date', 'end_date', 'show_expired', 'delete_linked', 'org_id'],
);
const headerNames = fc.constantFrom(
  ...['idempotency-key', 'x-request-id', 'content-type', 'authorization', 'origin', 'accept'],
  ...['content-encoding', 'x-forwarded-for', 'x-http-method-override', 'cookie', 'range'],
);
const wait = (seconds: string): string => (Number(seconds) > 0 ? '0' : seconds);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('set' as const), at, value }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('repeat' as const),
      at,
      times: fc.oneof(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 900, max: 1_100 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wrap' as const),
      at,
      depth: fc.integer({ min: 1, max: 60 }),
      asList: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('swap' as const), at, with: at }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      at,
      name: fc.oneof(words, run),
      value,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('duplicateKey' as const), at }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const), at }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('insert' as const), at, text }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('replaceBody' as const), value }) },
  {
    weight: 3,
    arbitrary: fc
      .record({ kind: fc.constant('query' as const), name: parameters, value: text })
      .map((one) => (one.name === 'wait' ? { ...one, value: wait(one.value) } : one)),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('header' as const), name: headerNames, value: text }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('segment' as const), at, value: text }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('method' as const),
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('key' as const),
      holder: fc.constantFrom(
        'reader' as const,
        'foreign' as const,
        'none' as const,
        'unknown' as const,
      ),
    }),
  },
);

/** Valid requests of every route with up to four mutations. */
export const mutant: fc.Arbitrary<Mutant> = fc.record({
  example: fc.constantFrom(...examples),
  mutations: fc.array(mutation, { maxLength: 4 }),
});
