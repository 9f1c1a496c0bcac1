import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import type { HttpRequest } from './exchange.ts';
import { fillPlaceholders, type Ids, pathOf } from './ids.ts';
import { pathsOf, valueAt, withValueAt } from './json-paths.ts';
import type { Mutant, Mutation } from './mutation.ts';
import type { Keys } from './open-service.ts';

/** Request under mutation. The body is JSON until a mutation changes its text. */
interface Draft {
  method: string;
  segments: string[];
  query: [string, string][];
  headers: Map<string, string>;
  json: Json | undefined;
  text: string | undefined;
}

const toDraft = (example: Example, key: string): Draft => ({
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

const wrap = (value: Json, depth: number, asList: boolean): Json => {
  let inner = value;
  for (let level = 0; level < depth; level++) inner = asList ? [inner] : { a: inner };
  return inner;
};

const withKey = (value: Json | undefined, name: string, more: Json): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries([...Object.entries(value), [name, more]])
    : { [name]: more };

/** Beyond every limit of the service, but small enough for the memory of the fuzzer. */
const maxBodyCharacters = 6_000_000;

/** Applies a mutation of JSON. */
const applyToJson = (document: Json, mutation: Mutation): Json => {
  const paths = pathsOf(document);
  const pathAt = (at: number) => paths[at % Math.max(1, paths.length)] ?? [];
  switch (mutation.kind) {
    case 'replaceBody':
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
      return withValueAt(document, path, wrap(value, mutation.depth, mutation.asList));
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

const jsonKinds = new Set(['replaceBody', 'set', 'remove', 'repeat', 'wrap', 'swap', 'add']);

const textOf = ({ json, text }: Draft): string =>
  text ?? (json === undefined ? '' : JSON.stringify(json));

/** Duplicates one key of an object, the first time with another value. */
const duplicateKey = (text: string, at: number): string => {
  const keys = [...text.matchAll(/"([^"\\]{1,40})":/g)];
  const key = keys[at % Math.max(1, keys.length)];
  return key ? `${text.slice(0, key.index)}${key[0]}0,${text.slice(key.index)}` : text;
};

const positionIn = (text: string, at: number): number =>
  Math.floor((text.length * (at % 100)) / 100);

const changeBody = (draft: Draft, mutation: Mutation): void => {
  if (jsonKinds.has(mutation.kind)) {
    if (draft.text === undefined) draft.json = applyToJson(draft.json ?? {}, mutation);
    return;
  }
  const text = textOf(draft);
  if (mutation.kind === 'duplicateKey') draft.text = duplicateKey(text, mutation.at);
  if (mutation.kind === 'truncate') draft.text = text.slice(0, positionIn(text, mutation.at));
  if (mutation.kind === 'insert') {
    const place = positionIn(text, mutation.at);
    draft.text = `${text.slice(0, place)}${mutation.text}${text.slice(place)}`;
  }
};

const keyOf = (holder: Extract<Mutation, { kind: 'key' }>['holder'], keys: Keys): string =>
  holder === 'reader' ? keys.reader : holder === 'foreign' ? keys.foreign : `${keys.full}x`;

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
      if (mutation.holder === 'none') draft.headers.delete('authorization');
      else draft.headers.set('authorization', `Token ${keyOf(mutation.holder, keys)}`);
      return;
    default:
      changeBody(draft, mutation);
  }
};

/** Text restricted to the characters of a header value. */
const headerText = (text: string): string =>
  text
    .replace(/[^\t\x20-\x7e]/g, '?')
    .trim()
    .slice(0, 14_000);

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment.toWellFormed()).slice(0, 14_000).replace(/%.?$/, '');

/** Request of a mutant with all placeholders replaced. */
export const requestOfMutant = (
  { example, mutations }: Mutant,
  ids: Ids,
  keys: Keys,
): HttpRequest => {
  const draft = toDraft(example, keys.full);
  for (const mutation of mutations) apply(draft, mutation, keys);
  const query = new URLSearchParams(
    draft.query.map(([name, value]): [string, string] => [
      name,
      fillPlaceholders(value, ids).toWellFormed(),
    ]),
  );
  const path = draft.segments
    .map((segment) => encodeSegment(fillPlaceholders(segment, ids)))
    .join('/');
  const headers = [...draft.headers].map(([name, value]) => [
    name,
    headerText(fillPlaceholders(value, ids)),
  ]);
  const hasBody = !['GET', 'HEAD', 'OPTIONS'].includes(draft.method);
  const body = hasBody && (draft.json !== undefined || draft.text !== undefined);
  return {
    method: draft.method,
    path: query.size === 0 ? path : `${path}?${`${query}`.slice(0, 14_000)}`,
    headers: Object.fromEntries(headers),
    ...(body ? { body: fillPlaceholders(textOf(draft), ids).slice(0, maxBodyCharacters) } : {}),
  };
};
