import { type ObjectShape, parseShape } from '../../../shared/domain/derived/shape.ts';
import { invalid } from '../http/http-error.ts';
import { checkStructure } from '../http/json-structure.ts';
import { limits } from '../http/limits.ts';
import { sanitizeJson } from '../http/sanitize-json.ts';

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/**
 * Reads the JSON Schema of a request.
 * @throws HttpError 400 that names the field
 */
export const shapeFrom = (schema: unknown, field: string): ObjectShape => {
  if (bytesOf(schema) > limits.schemaBytes)
    throw invalid(field, `${field} must not be larger than ${limits.schemaBytes / 1_000} kB.`);
  const shape = parseShape(schema);
  if ('problem' in shape) throw invalid(field, `${field} ${shape.problem}.`);
  return shape;
};

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/**
 * Parses the JSON text of a schema: the Python client declares the schema of an export as a text.
 * @throws HttpError 400 for text that no body may have
 */
export const parsedSchema = (given: unknown): unknown => {
  if (typeof given !== 'string' || given.length > limits.schemaBytes) return given;
  checkStructure(given);
  return sanitizeJson(parsedJson(given));
};
