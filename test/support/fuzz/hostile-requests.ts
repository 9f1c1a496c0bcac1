import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import { examples } from './examples.ts';
import type { HttpRequest } from './exchange.ts';
import { targetedExamples } from './hostile-targets.ts';
import { hostileBodies, rareValues, usualValues } from './hostile-values.ts';
import { type Ids, pathOf, requestOf } from './ids.ts';
import { pathsOf, withValueAt } from './json-paths.ts';

/** Case that builds a new request each time, because a deleted item can be found only once. */
export interface HostileCase {
  name: string;
  build(ids: Ids, key: string): HttpRequest;
}

/** Near the limits of a request target: characters, and number of parameters. */
const targetCharacters = 7_900;
const parameterCount = 99;
/** Near the limit of HTTP parsers for the request line and headers together. */
const headerCharacters = 14_000;

const long = (text: string, characters = headerCharacters): string =>
  text.repeat(Math.ceil(characters / text.length)).slice(0, characters);

const queries: readonly string[] = [
  `page=${'9'.repeat(9)}`,
  'page=1&page_size=200&limit=200',
  `after=${encodeURIComponent('999999999999999#')}`,
  `after=${encodeURIComponent('000000000000000#')}`,
  `after=${Buffer.from('999999999999999# a b c').toString('base64url')}`,
  `after=${Buffer.from(`000000000000000#${long(' a', 9_000)}`).toString('base64url')}`,
  `after=${long('9')}`,
  'since=0001-01-01&status=exhausted',
  'since=0&status=queued&limit=100',
  `fields=${long('a,')}`,
  `fields=${long('a,', 98)}`,
  'fields=a&'.repeat(parameterCount),
  long('fields=a&'),
  `categories=${long('a,')}`,
  long('categories=a&'),
  `keywords=${long('a%20')}`,
  `keywords=${long('a%20', 2_900)}`,
  `after=${long('9', 1_990)}`,
  'a[]=%F0%9F%98%80&'.repeat(parameterCount),
  long('a=b&', 390),
  `x=${long('%25', targetCharacters)}`,
  `user_id=${long('x')}`,
  long('a=&'),
  long('&'),
  long('%25'),
  long('a[]=%F0%9F%98%80&'),
  `start_date=${long('2')}&end_date=${long('9', 50)}`,
  'wait=0&page=0&limit=-1',
  `wait=${long('0')}`,
];

const headers: readonly { [name: string]: string }[] = [
  { 'x-request-id': long('a') },
  { 'idempotency-key': long('!') },
  { 'content-type': long('a/b;') },
  { accept: long('*/*,') },
  { cookie: long('a=b;') },
  { origin: long('x') },
  { host: long('a.') },
  { authorization: `Token ${long('a')}` },
  { authorization: `Token${long(' ')}x` },
  { authorization: long('token ') },
  { authorization: `Token ts_${long('a', 8)}_${long('b')}` },
  { 'x-forwarded-for': long('1.2.3.4,') },
];

const segments: readonly string[] = [
  long('a'),
  long('%2F'),
  long('%2F', targetCharacters),
  long('a', targetCharacters),
  long('%00'),
  long('%F0%9F%98%80'),
  long('../'),
  long('/'),
  long('..%2F'),
  `dlv_${long('0')}`,
  long('-'),
];

const withQuery = (example: Example, query: string, ids: Ids, key: string): HttpRequest => {
  const request = requestOf({ ...example, query: {} }, ids, key);
  const scope = example.query?.['user_id'];
  const scoped = scope === undefined || query.includes('user_id=') ? '' : `user_id=${scope}&`;
  return { ...request, path: `${request.path}?${scoped}${query}` };
};

const queryCases = (example: Example): HostileCase[] =>
  queries.map((query) => ({
    name: `query ${query.slice(0, 40)}`,
    build: (ids, key) => withQuery(example, query, ids, key),
  }));

const headerCases = (example: Example): HostileCase[] =>
  headers.map((more) => ({
    name: `header ${Object.keys(more).join()}`,
    build: (ids, key) => {
      const request = requestOf(example, ids, key);
      return { ...request, headers: { ...request.headers, ...more } };
    },
  }));

/** One case per path parameter and hostile segment. */
const pathCases = (example: Example): HostileCase[] => {
  const parts = pathOf(example).split('/');
  const parameters = parts.flatMap((part, index) => (part.includes('{{') ? [index] : []));
  return parameters.flatMap((position) =>
    segments.map((segment) => ({
      name: `path ${segment.slice(0, 20)}`,
      build: (ids, key) => {
        const path = parts.with(position, segment).join('/');
        return requestOf({ ...example, path }, ids, key);
      },
    })),
  );
};

/** Number of rare values per field; consecutive fields get different ones. */
const rareValuesPerField = 2;

const valuesFor = (place: number): Json[] => {
  const first = (place * rareValuesPerField) % rareValues.length;
  return [
    ...usualValues,
    ...[...rareValues, ...rareValues].slice(first, first + rareValuesPerField),
  ];
};

const fieldCases = (example: Example, body: Json): HostileCase[] =>
  pathsOf(body).flatMap((path, place) =>
    valuesFor(place).map((value) => ({
      name: `body ${path.join('.')} = ${JSON.stringify(value).slice(0, 20)}`,
      build: (ids, key) =>
        requestOf({ ...example, body: withValueAt(body, path, value) }, ids, key),
    })),
  );

const bodyCases = (example: Example): HostileCase[] => [
  ...hostileBodies.map((body) => ({
    name: `body ${body.slice(0, 30)}`,
    build: (ids: Ids, key: string) => ({ ...requestOf(example, ids, key), body }),
  })),
  {
    name: 'body that is not UTF-8',
    build: (ids, key) => ({
      ...requestOf(example, ids, key),
      body: new Uint8Array(1_000_000).fill(0xff),
    }),
  },
];

const unchanged = (example: Example): HostileCase => ({
  name: JSON.stringify(example.body ?? 'unchanged').slice(0, 60),
  build: (ids, key) => requestOf(example, ids, key),
});

const isOf =
  (route: string) =>
  (example: Example): boolean =>
    example.route === route;

/** All cases of a route: valid requests, requests that target the route, and generic mutations. */
export const hostileCasesOf = (route: string): HostileCase[] => {
  const valid = examples.filter(isOf(route));
  const [first] = valid;
  if (!first) return [];
  return [
    ...valid.map(unchanged),
    ...targetedExamples.filter(isOf(route)).map(unchanged),
    ...queryCases(first),
    ...headerCases(first),
    ...pathCases(first),
    ...(first.body === undefined ? [] : bodyCases(first)),
    ...(first.body === undefined ? [] : fieldCases(first, first.body)),
  ];
};
