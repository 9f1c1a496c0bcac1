import { filesOf, readSource } from '../repository.ts';
import { field, isNode, list, type Node, nameOf, nodesOf, text } from '../sources/syntax.ts';

export interface FoundRegex {
  /** File and pattern. */
  where: string;
  source: string;
  flags: string;
  /** It is what a text is split at. */
  splits: boolean;
}

/** Stands for what only the running program knows. */
const sample = 'User';

const argumentsOf = (call: Node): Node[] =>
  list(call, 'arguments').flatMap((argument) => {
    const { expression } = Object(argument);
    return isNode(expression) ? [expression] : [];
  });

/** The constants of a module by name, and the calls of its functions. */
interface Module {
  constants: Map<string, Node>;
  calls: Map<string, Node[]>;
  /** The function, and the position in it, that a parameter belongs to. */
  parameters: Map<string, { of: string; at: number }>;
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
  return { constants, calls, parameters };
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

const namedValues = (name: string, module: Module): string[] => {
  const constant = module.constants.get(name);
  if (constant) return valuesOf(constant, module);
  const parameter = module.parameters.get(name);
  const values = (module.calls.get(parameter?.of ?? '') ?? []).flatMap((call) => {
    const argument = argumentsOf(call)[parameter?.at ?? 0];
    return argument ? valuesOf(argument, module) : [];
  });
  return values.length > 0 ? [...new Set(values)] : [sample];
};

/** What an expression can stand for, as far as the module's constants and calls tell. */
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

/** The expressions that texts are split at, and the names of those that are constants. */
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
 * Every regular expression of our own sources: the literals, and those made of constants. What only the running program
 * knows is taken to be a plain word.
 */
export const findRegexes = (): FoundRegex[] =>
  filesOf('{functions,shared,infra}/**/*.{ts,cjs,mjs}').flatMap((path) =>
    regexesIn(path, readSource(path)),
  );
