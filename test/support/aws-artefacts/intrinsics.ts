/** Values of references in a template, once its resources exist. */
export interface Physical {
  ref(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
}

/** Value of `Ref: AWS::NoValue`, which removes the property. */
const absent = Symbol('absent');

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`a list was expected, not ${JSON.stringify(value)}`);
};

const pairOf = (value: unknown): [string, string] => {
  const [id = '', ...name] = typeof value === 'string' ? value.split('.') : listOf(value);
  return [String(id), name.join('.')];
};

type Resolve = (value: unknown) => unknown;
type Intrinsic = (operand: unknown, resolve: Resolve, physical: Physical) => unknown;

const substitute: Intrinsic = (operand, resolve, physical) => {
  const [text, own] = typeof operand === 'string' ? [operand, {}] : listOf(operand);
  const variables = isRecord(own) ? own : {};
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return String(resolve(variables[name]));
    return name.includes('.') ? physical.attribute(...pairOf(name)) : physical.ref(name);
  });
};

const intrinsics: { readonly [name: string]: Intrinsic } = {
  Ref: (id, _, physical) => (id === 'AWS::NoValue' ? absent : physical.ref(String(id))),
  'Fn::GetAtt': (operand, _, physical) => physical.attribute(...pairOf(operand)),
  'Fn::Join': (operand, resolve) => {
    const [separator, parts] = listOf(operand);
    return listOf(resolve(parts)).join(String(separator));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (operand, resolve) => {
    const [at, list] = listOf(operand);
    return listOf(resolve(list))[Number(at)];
  },
  'Fn::Split': (operand, resolve) => {
    const [separator, text] = listOf(operand);
    return String(resolve(text)).split(String(separator));
  },
};

/** Parses the call of an intrinsic function, if an object is one. */
const calledBy = (value: Record<string, unknown>): [Intrinsic, unknown] | undefined => {
  const [[name, operand] = ['', undefined], ...others] = Object.entries(value);
  const intrinsic = intrinsics[name];
  if (intrinsic && others.length === 0) return [intrinsic, operand];
  if (name.startsWith('Fn::')) throw new Error(`${name} is not known here`);
  return undefined;
};

/** Builds a function that replaces all references in a value. Throws on an unknown intrinsic function. */
export const resolveWith = (physical: Physical): Resolve => {
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== absent);
    if (!isRecord(value)) return value;
    const [intrinsic, operand] = calledBy(value) ?? [];
    if (intrinsic) return intrinsic(operand, resolve, physical);
    const resolved = Object.entries(value).map(([name, item]) => [name, resolve(item)] as const);
    return Object.fromEntries(resolved.filter(([, item]) => item !== absent));
  };
  return resolve;
};
