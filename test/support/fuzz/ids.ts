import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';
import type { Outgoing } from './exchange.ts';

/** Ids that placeholders stand for, by kind; each kind is used in turn. */
export interface Ids {
  /** The next id of a kind. */
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

/** A text with an id for each placeholder. */
export const filled = (text: string, ids: Ids): string =>
  text.includes('{{') ? text.replace(placeholder, (_, kind: string) => ids.next(kind)) : text;

const queryOf = (query: { readonly [name: string]: string }, ids: Ids): string => {
  const entries = Object.entries(query).map(([name, value]): [string, string] => [
    name,
    filled(value, ids),
  ]);
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries)}`;
};

/** The path of an example: where it names none, its route's. */
export const pathOf = ({ route, path }: Example): string => path ?? route.split(' ')[1] ?? '/';

/** An example as it goes out. */
export const requestOf = (example: Example, ids: Ids, key: string): Outgoing => {
  const { route, query = {}, headers = {}, body } = example;
  const own = Object.entries(headers).map(([name, value]) => [name, filled(value, ids)]);
  return {
    method: route.split(' ')[0] ?? 'GET',
    path: `${filled(pathOf(example), ids)}${queryOf(query, ids)}`,
    headers: {
      authorization: `Token ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...Object.fromEntries(own),
    },
    ...(body === undefined ? {} : { body: filled(jsonText(body), ids) }),
  };
};

const jsonText = (body: Json): string => JSON.stringify(body);
