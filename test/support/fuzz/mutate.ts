import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import type { Outgoing } from './exchange.ts';
import { filled, type Ids, pathOf } from './ids.ts';
import { pathsOf, valueAt, withValueAt } from './json-paths.ts';
import type { Mutant, Mutation } from './mutation.ts';
import type { Keys } from './open-service.ts';

/** A request under mutation: its body as JSON until something is done to its text. */
interface Draft {
  method: string;
  segments: string[];
  query: [string, string][];
  headers: Map<string, string>;
  json: Json | undefined;
  text: string | undefined;
}

const draftOf = (example: Example, key: string): Draft => ({
  method: example.route.split(' ')[0] ?? 'GET',
  segments: pathOf(example).split('/'),
  query: Object.entries(example.query ?? {}),
  headers: new Map([
    ['authorization', `Token ${key}`],
    ['content-type', 'application/json'],
    ...Object.entries(example.headers ?? {}),
  ]),
  json: example.body,
  text: undefined,
});

const wrapped = (value: Json, depth: number, asList: boolean): Json => {
  let inner = value;
  for (let level = 0; level < depth; level++) inner = asList ? [inner] : { a: inner };
  return inner;
};

const withKey = (value: Json | undefined, name: string, more: Json): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries([...Object.entries(value), [name, more]])
    : { [name]: more };

/** Beyond every limit: the fuzzer itself must not run out of memory for the body it sends. */
const maxBodyCharacters = 6_000_000;

/** What is done to a place of a document. */
const changed = (document: Json, mutation: Mutation): Json => {
  const paths = pathsOf(document);
  const pathAt = (at: number) => paths[at % Math.max(1, paths.length)] ?? [];
  switch (mutation.kind) {
    case 'whole':
      return mutation.value;
    case 'set':
      return withValueAt(document, pathAt(mutation.at), mutation.value);
    case 'remove':
      return withValueAt(document, pathAt(mutation.at), undefined);
    case 'repeat': {
      const path = pathAt(mutation.at);
      const value = valueAt(document, path) ?? null;
      const repeated = Array.isArray(value) ? (value[0] ?? 0) : value;
      const max = Math.ceil(maxBodyCharacters / JSON.stringify(repeated).length);
      const length = Math.min(mutation.times, max);
      return withValueAt(
        document,
        path,
        Array.from({ length }, () => repeated),
      );
    }
    case 'wrap': {
      const path = pathAt(mutation.at);
      const value = valueAt(document, path) ?? null;
      return withValueAt(document, path, wrapped(value, mutation.depth, mutation.asList));
    }
    case 'swap': {
      const [one, other] = [pathAt(mutation.at), pathAt(mutation.with)];
      const value = valueAt(document, other) ?? null;
      return withValueAt(document, one, value);
    }
    case 'add': {
      const path = pathAt(mutation.at).slice(0, -1);
      return withValueAt(
        document,
        path,
        withKey(valueAt(document, path), mutation.name, mutation.value),
      );
    }
    default:
      return document;
  }
};

const jsonKinds = new Set(['whole', 'set', 'remove', 'repeat', 'wrap', 'swap', 'add']);

const textOf = ({ json, text }: Draft): string =>
  text ?? (json === undefined ? '' : JSON.stringify(json));

/** Says one of the keys twice, the first time with another value. */
const doubled = (text: string, at: number): string => {
  const keys = [...text.matchAll(/"([^"\\]{1,40})":/g)];
  const key = keys[at % Math.max(1, keys.length)];
  return key ? `${text.slice(0, key.index)}${key[0]}0,${text.slice(key.index)}` : text;
};

const position = (text: string, at: number): number => Math.floor((text.length * (at % 100)) / 100);

const changeBody = (draft: Draft, mutation: Mutation): void => {
  if (jsonKinds.has(mutation.kind)) {
    if (draft.text === undefined) draft.json = changed(draft.json ?? {}, mutation);
    return;
  }
  const text = textOf(draft);
  if (mutation.kind === 'double') draft.text = doubled(text, mutation.at);
  if (mutation.kind === 'cut') draft.text = text.slice(0, position(text, mutation.at));
  if (mutation.kind === 'insert') {
    const place = position(text, mutation.at);
    draft.text = `${text.slice(0, place)}${mutation.text}${text.slice(place)}`;
  }
};

const keyOf = (who: Extract<Mutation, { kind: 'key' }>['who'], keys: Keys): string =>
  who === 'reader' ? keys.reader : who === 'foreign' ? keys.foreign : `${keys.full}x`;

const apply = (draft: Draft, mutation: Mutation, keys: Keys): void => {
  switch (mutation.kind) {
    case 'query':
      draft.query.push([mutation.name, mutation.value]);
      return;
    case 'header':
      draft.headers.set(mutation.name, mutation.value);
      return;
    case 'segment': {
      const place = 1 + (mutation.at % Math.max(1, draft.segments.length - 1));
      draft.segments[place] = mutation.value;
      return;
    }
    case 'method':
      draft.method = mutation.method;
      return;
    case 'key':
      if (mutation.who === 'none') draft.headers.delete('authorization');
      else draft.headers.set('authorization', `Token ${keyOf(mutation.who, keys)}`);
      return;
    default:
      changeBody(draft, mutation);
  }
};

/** What HTTP lets through as the value of a header. */
const headerText = (text: string): string =>
  text
    .replace(/[^\t\x20-\x7e]/g, '?')
    .trim()
    .slice(0, 14_000);

const encoded = (segment: string): string =>
  encodeURIComponent(segment.toWellFormed()).slice(0, 14_000).replace(/%.?$/, '');

/** A mutant as it goes out. */
export const requestOfMutant = ({ example, mutations }: Mutant, ids: Ids, keys: Keys): Outgoing => {
  const draft = draftOf(example, keys.full);
  for (const mutation of mutations) apply(draft, mutation, keys);
  const query = new URLSearchParams(
    draft.query.map(([name, value]): [string, string] => [name, filled(value, ids).toWellFormed()]),
  );
  const path = draft.segments.map((segment) => encoded(filled(segment, ids))).join('/');
  const headers = [...draft.headers].map(([name, value]) => [name, headerText(filled(value, ids))]);
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(draft.method);
  const body = hasBody && (draft.json !== undefined || draft.text !== undefined);
  return {
    method: draft.method,
    path: query.size === 0 ? path : `${path}?${`${query}`.slice(0, 14_000)}`,
    headers: Object.fromEntries(headers),
    ...(body ? { body: filled(textOf(draft), ids).slice(0, maxBodyCharacters) } : {}),
  };
};
