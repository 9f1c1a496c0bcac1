import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Attributes = Record<string, AttributeValue>;

const jsonName = 'json';

/**
 * Texts, numbers and booleans as they are, so that conditions can look at them; lists and maps as JSON in a map of one
 * text. The table's own maps take no nesting beyond 32 levels, no number beyond 1E+125 and no empty name, and what
 * callers send as metadata must come back as it was.
 */
export const encode = (value: unknown): AttributeValue => {
  if (typeof value === 'string') return { S: value.toWellFormed() };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' && Number.isFinite(value)) return { N: String(value) };
  if (value === null || typeof value === 'number') return { NULL: true };
  return { M: { [jsonName]: { S: JSON.stringify(value) } } };
};

export const decode = ({ S, N, BOOL, M }: AttributeValue): unknown => {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (BOOL !== undefined) return BOOL;
  const json = M?.[jsonName]?.S;
  return json === undefined ? null : JSON.parse(json);
};

const mapOverhead = 3;
const nestedOverhead = 1;
const longestNumber = 21;

const sizeOfValue = ({ S, N, M }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.min(Math.ceil(N.length / 2) + 1, longestNumber);
  return M === undefined ? 1 : mapOverhead + nestedOverhead + sizeOf(M);
};

/** Bytes as the table counts them: names and values in UTF-8. */
export const sizeOf = (attributes: Attributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  );
