import { filesOf, readSource } from '../repository.ts';
import { field, isNode, list, type Node, nameOf, nodesOf, text } from '../sources/syntax.ts';

export interface FoundRegex {
  /** File and pattern. */
  where: string;
  source: string;
  flags: string;
  /** Separator of a `split`. */
  splits: boolean;
}

/** Placeholder for values that are known at run time only. */
const sample = 'User';

const argumentsOf = (call: Node): Node[] =>
  list(call, 'arguments').flatMap((argument) => {
    const { expression } = Object(argument);
    return isNode(expression) ? [expression] : [];
  });

/** Constants and calls of a module by name. */
interface Module {
  constants: Map<string, Node>;
  calls: Map<string, Node[]>;
  /** Function and position of each parameter. */
  parameters: Map<string, { of: string; at: number }>;
  /** Parameters whose values are being found. */
  resolving: Set<string>;
}

const parametersOf = (name: string, value: Node) =>
  value.type === 'ArrowFunctionExpression'
    ? list(value, 'params').flatMap((parameter, at) =>
        isNode(parameter) ? [[nameOf(parameter), { of: name, at }] as const] : [],
      )
    : [];

const readModule = (nodes: readonly Node[]): Module => {
  const constants = new Map<string, Node>();
  for (const node of nodes) {
    const value = node.type === 'VariableDeclarator' ? field(node, 'init') : undefined;
    const id = field(node, 'id');
    if (value && id) constants.set(nameOf(id), value);
  }
  const calls = Map.groupBy(
    nodes.filter(({ type }) => type === 'CallExpression'),
    (call) => nameOf(field(call, 'callee')),
  );
  const parameters = new Map([...constants].flatMap(([name, value]) => parametersOf(name, value)));
  return { constants, calls, parameters, resolving: new Set() };
};

const joined = (parts: readonly string[][]): string[] =>
  parts.reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => head + tail)), ['']);

const templateOf = (node: Node, module: Module): string[] => {
  const expressions = list(node, 'expressions').filter(isNode);
  return joined(
    list(node, 'quasis').flatMap((quasi, at) => {
      const { cooked } = Object(quasi);
      const expression = expressions[at];
      return [[String(cooked)], ...(expression ? [valuesOf(expression, module)] : [])];
    }),
  );
};

/** Values of a parameter by the calls of its function. A function that calls itself adds none by that call. */
const parameterValues = (name: string, module: Module): string[] => {
  const parameter = module.parameters.get(name);
  if (!parameter || module.resolving.has(name)) return [];
  module.resolving.add(name);
  const values = (module.calls.get(parameter.of) ?? []).flatMap((call) => {
    const argument = argumentsOf(call)[parameter.at];
    return argument ? valuesOf(argument, module) : [];
  });
  module.resolving.delete(name);
  return values;
};

const namedValues = (name: string, module: Module): string[] => {
  const constant = module.constants.get(name);
  if (constant) return valuesOf(constant, module);
  const values = parameterValues(name, module);
  return values.length > 0 ? [...new Set(values)] : [sample];
};

/** Possible string values of an expression, by the constants and calls of the module. */
const valuesOf = (node: Node, module: Module): string[] => {
  const left = field(node, 'left');
  const right = field(node, 'right');
  const inner = field(node, 'expression');
  switch (node.type) {
    case 'StringLiteral':
      return [text(node, 'value')];
    case 'TemplateLiteral':
      return templateOf(node, module);
    case 'Identifier':
      return namedValues(text(node, 'value'), module);
    case 'BinaryExpression':
      return left && right ? joined([valuesOf(left, module), valuesOf(right, module)]) : [sample];
    case 'ParenthesisExpression':
    case 'TsConstAssertion':
      return inner ? valuesOf(inner, module) : [sample];
    default:
      return [sample];
  }
};

/** Arguments of `split`, and the names of the constants among them. */
const splittersOf = (nodes: readonly Node[]): { inPlace: Set<Node>; named: Set<string> } => {
  const separators = nodes.flatMap((node) => {
    const callee = node.type === 'CallExpression' ? field(node, 'callee') : undefined;
    const property = callee?.type === 'MemberExpression' ? field(callee, 'property') : undefined;
    return property && nameOf(property) === 'split' ? argumentsOf(node).slice(0, 1) : [];
  });
  return { inPlace: new Set(separators), named: new Set(separators.map(nameOf)) };
};

const found = (node: Node, module: Module): { source: string; flags: string }[] => {
  if (node.type === 'RegExpLiteral')
    return [{ source: text(node, 'pattern'), flags: text(node, 'flags') }];
  const callee = node.type === 'NewExpression' ? nameOf(field(node, 'callee')) : '';
  const [pattern, flags] = callee === 'RegExp' ? argumentsOf(node) : [];
  if (!pattern) return [];
  const values = flags ? valuesOf(flags, module) : [''];
  return valuesOf(pattern, module).map((source) => ({ source, flags: values[0] ?? '' }));
};

const regexesIn = (path: string, source: string): FoundRegex[] => {
  const nodes = nodesOf(source);
  const module = readModule(nodes);
  const splitters = splittersOf(nodes);
  const constantOf = new Map([...module.constants].map(([name, value]) => [value, name]));
  return nodes.flatMap((node) =>
    found(node, module).map((regex) => ({
      where: `${path}: /${regex.source}/${regex.flags}`,
      ...regex,
      splits: splitters.inPlace.has(node) || splitters.named.has(constantOf.get(node) ?? '-'),
    })),
  );
};

/**
 * All regular expressions of the sources: literals, and constructor calls with constants. Values that are known at run
 * time only are replaced by a plain word.
 */
export const findRegexes = (): FoundRegex[] =>
  filesOf('{functions,shared,infra}/**/*.{ts,cjs,mjs}').flatMap((path) =>
    regexesIn(path, readSource(path)),
  );
