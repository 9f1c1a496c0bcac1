import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Attributes = Record<string, AttributeValue>;

const jsonName = 'json';

/**
 * Encodes a value. Strings, numbers and booleans are native attributes, so that conditions can test them. Lists and
 * maps are JSON in a map of one string: native maps allow at most 32 levels, no number beyond 1E+125 and no empty name,
 * and metadata of callers must be read back unchanged.
 */
export const encode = (value: unknown): AttributeValue => {
  if (typeof value === 'string') return { S: value.toWellFormed() };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number' && Number.isFinite(value)) return { N: String(value) };
  if (value === null || typeof value === 'number') return { NULL: true };
  return { M: { [jsonName]: { S: JSON.stringify(value) } } };
};

/** Decodes a value that `encode` encoded. */
export const decode = ({ S, N, BOOL, M }: AttributeValue): unknown => {
  if (S !== undefined) return S;
  if (N !== undefined) return Number(N);
  if (BOOL !== undefined) return BOOL;
  const json = M?.[jsonName]?.S;
  return json === undefined ? null : JSON.parse(json);
};

// Bytes, by https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
const mapOverhead = 3;
const nestedOverhead = 1;
const maxNumberBytes = 21;

const sizeOfValue = ({ S, N, M }: AttributeValue): number => {
  if (S !== undefined) return Buffer.byteLength(S);
  if (N !== undefined) return Math.min(Math.ceil(N.length / 2) + 1, maxNumberBytes);
  return M === undefined ? 1 : mapOverhead + nestedOverhead + sizeOf(M);
};

/** Returns the size in bytes as DynamoDB counts: names and values in UTF-8. */
export const sizeOf = (attributes: Attributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  );
