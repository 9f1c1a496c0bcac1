import type { ExportAnswer } from '../../../shared/core/derived/exports.ts';
import { readExport, startExport } from '../../../shared/core/derived/exports.ts';
import type {
  FormChange,
  ProfileSettingsChange,
} from '../../../shared/core/derived/profile-settings.ts';
import { withRows } from '../../../shared/domain/derived/memory-row.ts';
import { type ObjectShape, parseShape } from '../../../shared/domain/derived/shape.ts';
import { canonicalJson, digestOf } from '../../../shared/domain/digest.ts';
import { type EntityKind, entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { isRecord } from '../http/is-record.ts';
import { checkStructure } from '../http/json-structure.ts';
import { limits } from '../http/limits.ts';

/** Bytes of filter and schema of an export: its job stores both in one item. */
const maxRequestBytes = 300_000;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** @throws HttpError 400 */
const shapeFrom = (schema: unknown, field: string): ObjectShape => {
  if (bytesOf(schema) > limits.schemaBytes)
    throw invalid(field, `${field} must not be larger than ${limits.schemaBytes / 1_000} kB.`);
  const shape = parseShape(schema);
  if ('problem' in shape) throw invalid(field, `${field} ${shape.problem}.`);
  return shape;
};

/** Parses the JSON text of a schema: the Python client declares the schema of an export as a text. */
const parsedSchema = (given: unknown): unknown => {
  if (typeof given !== 'string' || given.length > limits.schemaBytes) return given;
  checkStructure(given);
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
};

const digestOfFilter = (filter: Filter): string => digestOf(canonicalJson(filter));

/**
 * Starts an export of the request.
 * @throws HttpError 400 for a schema that cannot be used, 413
 */
export const startExportOf = async (
  platform: Platform,
  project: string,
  filter: Filter,
  body: { schema?: unknown; export_instructions?: string | null | undefined },
) => {
  const schema = parsedSchema(body.schema);
  if (!isRecord(schema) || Object.keys(schema).length === 0)
    throw invalid('schema', 'Schema is required and must be a valid object');
  const shape = withRows(shapeFrom(schema, 'schema'));
  if (bytesOf({ filter, shape }) > maxRequestBytes)
    throw new HttpError(
      413,
      'export_request_too_large',
      `filters and schema must not be larger than ${maxRequestBytes / 1_000} kB together.`,
      { field: 'filters' },
    );
  const instructions = body.export_instructions;
  return startExport(platform, project, {
    filter,
    filters: digestOfFilter(filter),
    shape,
    ...(instructions ? { instructions } : {}),
  });
};

/** Reads an export by its id, or the newest one of an equal filter. */
export const readExportOf = (
  platform: Platform,
  project: string,
  by: { id: string } | { filter: Filter },
): Promise<ExportAnswer> =>
  readExport(platform, project, 'id' in by ? by : { filters: digestOfFilter(by.filter) });

const schemaChange = (schema: unknown, field: string): FormChange['schema'] => {
  if (schema === undefined || schema === null) return schema;
  return { schema: JSON.stringify(schema), shape: withRows(shapeFrom(schema, field)) };
};

/** Settings of a request, by kind of entity. */
interface SettingsBody {
  enabled?: boolean | null | undefined;
  entities?:
    | {
        [kind in EntityKind]?:
          | { schema?: unknown; custom_instructions?: string | null | undefined }
          | null
          | undefined;
      }
    | null
    | undefined;
}

/**
 * Converts a body to changes of the settings of profiles.
 * @throws HttpError 400 for a schema that cannot be used
 */
export const profileChangeOf = ({ enabled, entities }: SettingsBody): ProfileSettingsChange => {
  const forms: { [kind in EntityKind]?: FormChange } = {};
  for (const kind of entityKinds) {
    const given = entities?.[kind];
    if (!given) continue;
    const field = `entities.${kind}.schema`;
    forms[kind] = {
      schema: schemaChange(given.schema, field),
      instructions: given.custom_instructions,
    };
  }
  return { enabled, forms };
};
