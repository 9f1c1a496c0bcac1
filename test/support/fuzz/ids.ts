import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import type { HttpRequest } from './exchange.ts';

/** Values of placeholders by kind, in rotation. */
export interface Ids {
  /** Next id of a kind. */
  next(kind: string): string;
}

const placeholder = /\{\{(\w+)\}\}/g;

export const createIds = (pools: { readonly [kind: string]: readonly string[] }): Ids => {
  const positions = new Map<string, number>();
  let count = 0;
  return {
    next(kind) {
      count += 1;
      if (kind === 'unique') return `${count}`;
      const pool = pools[kind] ?? [];
      const position = positions.get(kind) ?? 0;
      positions.set(kind, position + 1);
      return pool[position % Math.max(1, pool.length)] ?? `no-${kind}`;
    },
  };
};

/** Replaces each placeholder with the next id of its kind. */
export const fillPlaceholders = (text: string, ids: Ids): string =>
  text.includes('{{') ? text.replace(placeholder, (_, kind: string) => ids.next(kind)) : text;

const queryOf = (query: { readonly [name: string]: string }, ids: Ids): string => {
  const entries = Object.entries(query).map(([name, value]): [string, string] => [
    name,
    fillPlaceholders(value, ids),
  ]);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
};

/** Path of an example; default: the pattern of its route. */
export const pathOf = ({ route, path }: Example): string => path ?? route.split(' ')[1] ?? '/';

/** Request of an example with all placeholders replaced. */
export const requestOf = (example: Example, ids: Ids, key: string): HttpRequest => {
  const { route, query = {}, headers = {}, body } = example;
  const own = Object.entries(headers).map(([name, value]) => [name, fillPlaceholders(value, ids)]);
  return {
    method: route.split(' ')[0] ?? 'GET',
    path: `${fillPlaceholders(pathOf(example), ids)}${queryOf(query, ids)}`,
    headers: {
      authorization: `Token ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(own),
    },
    ...(body === undefined ? {} : { body: fillPlaceholders(jsonText(body), ids) }),
  };
};

const jsonText = (body: Json): string => JSON.stringify(body);
