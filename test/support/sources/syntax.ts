import { parseSync } from '@swc/core';

/** A node of the syntax tree, whatever its type. */
export interface Node {
  type: string;
  [field: string]: unknown;
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

const childrenOf = (node: object): Node[] =>
  Object.values(node).flatMap((value: unknown): Node[] => {
    if (isNode(value)) return [value];
    if (Array.isArray(value))
      return value.flatMap((item) => (isNode(item) ? [item] : childrenOf(Object(item))));
    return typeof value === 'object' && value !== null ? childrenOf(value) : [];
  });

/** The node and everything below it. */
export const everyNode = (node: Node): Node[] => [node, ...childrenOf(node).flatMap(everyNode)];

/** Every node of a TypeScript source. */
export const nodesOf = (source: string): Node[] => {
  const { body } = parseSync(source, { syntax: 'typescript', target: 'es2024' });
  return body.flatMap((statement) => everyNode({ ...statement }));
};

/** Names that a source declares or uses, each once. */
export const identifiersIn = (source: string): string[] => {
  const names = nodesOf(source).flatMap(({ type, value }) =>
    type === 'Identifier' && typeof value === 'string' ? [value] : [],
  );
  return [...new Set(names)];
};
