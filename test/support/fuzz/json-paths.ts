import type { Json } from '../../../shared/domain/memory/turn.ts';

export type JsonPath = readonly (string | number)[];

const isParent = (value: Json): value is Json[] | { [key: string]: Json } =>
  typeof value === 'object' && value !== null;

const childrenOf = (value: Json): [string | number, Json][] => {
  if (Array.isArray(value)) return [...value.entries()];
  return isParent(value) ? Object.entries(value) : [];
};

/** Paths of all values inside a document, without the document itself. */
export const pathsOf = (value: Json, at: JsonPath = []): JsonPath[] =>
  childrenOf(value).flatMap(([name, child]) => [[...at, name], ...pathsOf(child, [...at, name])]);

export const valueAt = (document: Json, [name, ...rest]: JsonPath): Json | undefined => {
  if (name === undefined) return document;
  const child = childrenOf(document).find(([key]) => key === name)?.[1];
  return child === undefined ? undefined : valueAt(child, rest);
};

/** Copy of a document with the value at a path replaced, or removed if undefined. */
export const withValueAt = (
  document: Json,
  [name, ...rest]: JsonPath,
  value: Json | undefined,
): Json => {
  if (name === undefined) return value ?? null;
  const changed = childrenOf(document).flatMap(([key, child]): [string | number, Json][] => {
    if (key !== name) return [[key, child]];
    if (rest.length === 0) return value === undefined ? [] : [[key, value]];
    return [[key, withValueAt(child, rest, value)]];
  });
  return Array.isArray(document) ? changed.map(([, child]) => child) : Object.fromEntries(changed);
};
