import { parseSync } from '@swc/core';

/** Node of the syntax tree, whatever its type. */
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

/** The node and all its descendants, in source order. */
export const everyNode = (node: Node): Node[] => [node, ...childrenOf(node).flatMap(everyNode)];

/** Child node in a field, or undefined. */
export const field = (node: Node | undefined, name: string): Node | undefined => {
  const value = node?.[name];
  return isNode(value) ? value : undefined;
};

/** Elements of a field that is a list; empty for any other field. */
export const list = (node: Node | undefined, name: string): unknown[] => {
  const value = node?.[name];
  return Array.isArray(value) ? value : [];
};

/** Text in a field; empty for any other field. */
export const text = (node: Node | undefined, name: string): string => {
  const value = node?.[name];
  return typeof value === 'string' ? value : '';
};

/** Name of an identifier; empty for any other node. */
export const nameOf = (node: Node | undefined): string =>
  node?.type === 'Identifier' ? text(node, 'value') : '';

/** Top-level statements of a TypeScript source, with JSX if `tsx`. */
export const parse = (source: string, tsx = false): Node[] => {
  const { body } = parseSync(source, { syntax: 'typescript', tsx, target: 'es2024' });
  return body.map((statement) => ({ ...statement }));
};

/** Every node of a TypeScript source. */
export const nodesOf = (source: string, tsx = false): Node[] =>
  parse(source, tsx).flatMap(everyNode);

/** Calls that declare a test or a group: `it(...)`, `it.each(table)(...)`, `describe(...)`. */
const declaresTests = (call: Node): boolean => {
  const callee = field(call, 'callee');
  if (callee?.type === 'CallExpression' || callee?.type === 'MemberExpression')
    return declaresTests({
      type: 'CallExpression',
      callee: field(callee, 'callee') ?? field(callee, 'object'),
    });
  return ['it', 'describe'].includes(nameOf(callee));
};

/** Titles of the tests and groups of a source, as written. */
export const titlesIn = (source: string): string[] =>
  nodesOf(source)
    .filter((node) => node.type === 'CallExpression' && declaresTests(node))
    .flatMap((call) => {
      const { expression } = Object(list(call, 'arguments')[0]);
      return isNode(expression) && expression.type === 'StringLiteral'
        ? [text(expression, 'value')]
        : [];
    });

/** Names that a source declares or uses, each once. */
export const identifiersIn = (source: string, tsx = false): string[] => [
  ...new Set(
    nodesOf(source, tsx)
      .map(nameOf)
      .filter((name) => name !== ''),
  ),
];
