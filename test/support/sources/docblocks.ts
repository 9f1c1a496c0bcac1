import { everyNode, field, isNode, list, type Node, nameOf, parse } from './syntax.ts';

interface ExportedConstant {
  name: string;
  /** Docblock right before the export; empty without one. */
  docblock: string;
  value: Node | undefined;
}

/** The docblock right before `export const <name>`. */
const docblockOf = (source: string, name: string): string => {
  const [, docblock = ''] =
    new RegExp(`(/\\*\\*(?:(?!\\*/)[^])*\\*/)\\n *export const ${name}\\b`).exec(source) ?? [];
  return docblock;
};

const exportsIn = (source: string): ExportedConstant[] =>
  parse(source)
    .filter(({ type }) => type === 'ExportDeclaration')
    .flatMap((statement) => list(field(statement, 'declaration'), 'declarations').filter(isNode))
    .map((declarator) => {
      const name = nameOf(field(declarator, 'id'));
      return { name, docblock: docblockOf(source, name), value: field(declarator, 'init') };
    });

const returnsPromise = (value: Node): boolean => {
  const { async } = value;
  const type = field(field(value, 'returnType'), 'typeAnnotation');
  return async === true || nameOf(field(type, 'typeName')) === 'Promise';
};

const asynchronousIn = (source: string): ExportedConstant[] =>
  exportsIn(source).filter(
    ({ value }) => value?.type === 'ArrowFunctionExpression' && returnsPromise(value),
  );

/** Exported functions that return a promise and have no docblock. */
export const undocumentedIn = (source: string): string[] =>
  asynchronousIn(source)
    .filter(({ docblock }) => docblock === '')
    .map(({ name }) => name);

const isCommit = (node: Node): boolean => {
  if (node.type !== 'CallExpression') return false;
  const callee = field(node, 'callee');
  return ['commit', 'transact'].includes(nameOf(field(callee, 'property') ?? callee));
};

/** Words by which a docblock says what holds after a crash, on a retry or under concurrency. */
const guarantee =
  /\b(?:crash|retr(?:y|ies|ied)|again|once|twice|repeat|concurren|racing|races?\b|atomic|transaction|all or nothing|condition|idempoten|lease|fenc|lost\b|conflict|interrupt|resum|optimistic)/i;

/**
 * Exported operations that commit a transaction and whose docblock states no guarantee. The operations of a factory are
 * documented in the interface that it returns.
 */
export const unguaranteedIn = (source: string): string[] =>
  asynchronousIn(source)
    .filter(({ value }) => value !== undefined && everyNode(value).some(isCommit))
    .filter(({ docblock }) => !guarantee.test(docblock))
    .map(({ name }) => name);
