import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Attributes } from '../../../shared/adapters/dynamodb/attribute-value.ts';

/** Names and values of the placeholders of a request. */
export interface ExpressionInput {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

type Test = (item: Attributes, input: ExpressionInput) => boolean;

const nameOf = (token: string, { ExpressionAttributeNames: names }: ExpressionInput): string => {
  if (!token.startsWith('#')) return token;
  const name = names?.[token];
  if (name === undefined) throw new TypeError(`no name for ${token}`);
  return name;
};

const valueAt = (
  token: string,
  { ExpressionAttributeValues: values }: ExpressionInput,
): AttributeValue => {
  const value = values?.[token];
  if (value === undefined) throw new TypeError(`no value for ${token}`);
  return value;
};

/** Own attribute of an item: names such as `constructor` are not special. */
const attributeAt = (
  item: Attributes,
  path: string,
  input: ExpressionInput,
): AttributeValue | undefined => {
  const name = nameOf(path, input);
  return Object.hasOwn(item, name) ? item[name] : undefined;
};

/** Order of two values of one type; undefined for others, which no comparison accepts. */
const orderOf = (a: AttributeValue | undefined, b: AttributeValue): number | undefined => {
  if (a?.S !== undefined && b.S !== undefined) return a.S < b.S ? -1 : a.S > b.S ? 1 : 0;
  if (a?.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.BOOL !== undefined && b.BOOL !== undefined) return Number(a.BOOL) - Number(b.BOOL);
  return undefined;
};

const operators: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<=': (order) => order <= 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '>': (order) => order > 0,
};

/** Parser of the expressions that the adapter writes: AND, OR, parentheses, comparisons, IN, BETWEEN and three functions. */
const createParser = (tokens: readonly string[]) => {
  let at = 0;
  const peek = (): string => tokens[at] ?? '';
  const next = (): string => {
    at += 1;
    return tokens[at - 1] ?? '';
  };
  const expectToken = (token: string): void => {
    const found = next();
    if (found !== token) throw new TypeError(`${token} expected, not ${found}`);
  };

  const parseFunction = (name: string): Test => {
    expectToken('(');
    const path = next();
    if (name === 'begins_with') expectToken(',');
    const prefix = name === 'begins_with' ? next() : '';
    expectToken(')');
    if (name === 'attribute_exists')
      return (item, input) => attributeAt(item, path, input) !== undefined;
    if (name === 'attribute_not_exists')
      return (item, input) => attributeAt(item, path, input) === undefined;
    return (item, input) =>
      attributeAt(item, path, input)?.S?.startsWith(valueAt(prefix, input).S ?? '') ?? false;
  };

  const parseIn = (path: string): Test => {
    expectToken('(');
    const allowed = [next()];
    while (peek() === ',') {
      next();
      allowed.push(next());
    }
    expectToken(')');
    return (item, input) => {
      const value = attributeAt(item, path, input);
      return allowed.some((one) => orderOf(value, valueAt(one, input)) === 0);
    };
  };

  const parseBetween = (path: string): Test => {
    const lower = next();
    expectToken('AND');
    const upper = next();
    return (item, input) => {
      const value = attributeAt(item, path, input);
      const [above, below] = [lower, upper].map((one) => orderOf(value, valueAt(one, input)));
      return above !== undefined && below !== undefined && above >= 0 && below <= 0;
    };
  };

  const parseOperand = (): Test => {
    const token = next();
    if (token === '(') {
      const inner = parseOr();
      expectToken(')');
      return inner;
    }
    if (peek() === '(' && /^(attribute_(not_)?exists|begins_with)$/.test(token))
      return parseFunction(token);
    const operator = next();
    if (operator === 'IN') return parseIn(token);
    if (operator === 'BETWEEN') return parseBetween(token);
    const compare = operators[operator];
    if (!compare) throw new TypeError(`unknown operator ${operator}`);
    const value = next();
    return (item, input) => {
      const order = orderOf(attributeAt(item, token, input), valueAt(value, input));
      return order !== undefined && compare(order);
    };
  };

  const parseAnd = (): Test => {
    const parts = [parseOperand()];
    while (peek() === 'AND') {
      next();
      parts.push(parseOperand());
    }
    return (item, input) => parts.every((part) => part(item, input));
  };

  const parseOr = (): Test => {
    const parts = [parseAnd()];
    while (peek() === 'OR') {
      next();
      parts.push(parseAnd());
    }
    return (item, input) => parts.some((part) => part(item, input));
  };

  return (): Test => {
    const test = parseOr();
    if (at < tokens.length) throw new TypeError(`unexpected ${peek()}`);
    return test;
  };
};

const tokenPattern = /[#:]?\w+|<=|>=|[=<>(),]/g;
const parsed = new Map<string, Test>();

/** Whether an item meets a condition or a key condition; `{}` is an absent item. */
export const meets = (
  expression: string | undefined,
  item: Attributes,
  input: ExpressionInput,
): boolean => {
  if (expression === undefined) return true;
  const known = parsed.get(expression);
  const test = known ?? createParser(expression.match(tokenPattern) ?? [])();
  if (!known) parsed.set(expression, test);
  return test(item, input);
};

/** Item after an update expression: `SET #a = :b, ... REMOVE #c, ...`. */
export const updated = (
  before: Attributes,
  expression: string,
  input: ExpressionInput,
): Attributes => {
  const after = { ...before };
  const [sets = '', removed = ''] = expression.split('REMOVE');
  for (const [, name = '', value = ''] of sets.matchAll(/(#?\w+) = (:\w+)/g))
    after[nameOf(name, input)] = valueAt(value, input);
  for (const [name] of removed.matchAll(/#?\w+/g)) delete after[nameOf(name, input)];
  return after;
};
