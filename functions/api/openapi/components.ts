import * as z from 'zod';
import { Instant, LocalInstant } from '../http/instant.ts';
import { listEntryOf } from '../http/list-of.ts';
import { Content } from '../http/message-parts.ts';
import { Metadata, StructuredDataSchema } from '../http/metadata.ts';
import { fieldDescriptions } from './field-descriptions.ts';

const Url = z.union([z.string(), z.object({ url: z.string() })]);

const Part = z
  .union([
    z.string(),
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('image_url'), image_url: Url }),
    z.object({ type: z.literal('pdf_url'), pdf_url: Url }),
    z.object({ type: z.literal('mdx_url'), mdx_url: Url }),
    z.looseObject({ type: z.string() }),
  ])
  .meta({ id: 'ContentPart' });

const MessageContent = z.union([Part, z.array(Part), z.null()]).meta({
  id: 'MessageContent',
  description:
    'A text, or a list of parts. Parts with a text are read, files by URL are kept, others are skipped.',
});

/** Forms of the values that clients send where a schema accepts anything, because it parses the value by code. */
const requestShapes: ReadonlyMap<z.core.$ZodType, z.ZodType> = new Map<z.core.$ZodType, z.ZodType>([
  [Instant, z.union([z.string(), z.number()])],
  [LocalInstant, z.union([z.string(), z.number()])],
  [Metadata, z.looseObject({})],
  [StructuredDataSchema, z.looseObject({})],
  [Content, MessageContent],
]);

/** JSON Schema, or any other object of the document. */
export type Node = { [key: string]: unknown };

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces each object by what `change` makes of it, from the innermost to the outermost. */
export const mapNodes = (value: unknown, change: (node: Node) => Node): unknown => {
  if (Array.isArray(value)) return value.map((one) => mapNodes(one, change));
  if (!isNode(value)) return value;
  return change(
    Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapNodes(part, change)])),
  );
};

const formats = new Set(['uuid', 'date', 'date-time']);

/** Removes what says nothing: patterns of known formats, and bounds of every whole number. */
const withoutNoise = (schema: Node): Node => {
  const { pattern, minimum, maximum, ...rest } = schema;
  const isKnown = typeof rest['format'] === 'string' && formats.has(rest['format']);
  return {
    ...rest,
    ...(pattern === undefined || isKnown ? {} : { pattern }),
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
};

const isNullType = (schema: unknown): boolean => isNode(schema) && schema['type'] === 'null';

/** Writes `string or null` as a list of types, where the schema has nothing else that null would not satisfy. */
const withNullType = (schema: Node): Node => {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || anyOf.length !== 2 || !isNullType(anyOf[1])) return schema;
  const [first] = anyOf;
  if (!isNode(first) || typeof first['type'] !== 'string' || 'enum' in first || 'const' in first)
    return schema;
  return { ...first, ...rest, type: [first['type'], 'null'] };
};

const isDescribed = (schema: Node): boolean => 'description' in schema || '$ref' in schema;

const withDescriptions = (schema: Node): Node => {
  const { properties } = schema;
  if (!isNode(properties)) return schema;
  const described = Object.entries(properties).map(([name, property]) => {
    const description = fieldDescriptions[name];
    if (description === undefined || !isNode(property) || isDescribed(property))
      return [name, property];
    return [name, { ...property, description }];
  });
  return { ...schema, properties: Object.fromEntries(described) };
};

const withComponentRef = (schema: Node): Node => {
  const ref = schema['$ref'];
  return typeof ref === 'string'
    ? { ...schema, $ref: ref.replace('#/$defs/', '#/components/schemas/') }
    : schema;
};

const tidy = (schema: unknown): Node => {
  const tidied = mapNodes(schema, (node) =>
    withComponentRef(withDescriptions(withNullType(withoutNoise(node)))),
  );
  return isNode(tidied) ? tidied : {};
};

const replaceWith = (target: Node, source: Node): void => {
  for (const key of Object.keys(target)) if (key !== 'description') delete target[key];
  Object.assign(target, source);
};

/** Responses may get further fields at any time, so their objects are open. Lists have the schema of their entries. */
const overrideFor =
  (io: 'input' | 'output', convert: (schema: z.ZodType) => Node) =>
  ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Node }): void => {
    if (io === 'output' && zodSchema._zod.def.type === 'object' && !zodSchema._zod.def.catchall)
      delete jsonSchema['additionalProperties'];
    const shape = requestShapes.get(zodSchema);
    if (shape) replaceWith(jsonSchema, convert(shape));
    const entry = listEntryOf(zodSchema);
    if (entry) jsonSchema['items'] = convert(entry);
  };

/**
 * Converts zod schemas to JSON Schema. Schemas with an `id` in their metadata become components, which others refer to.
 */
export const createComponents = () => {
  const schemas = new Map<string, Node>();

  const add = (id: string, schema: Node): void => {
    const known = schemas.get(id);
    if (known && JSON.stringify(known) !== JSON.stringify(schema))
      throw new Error(`Two schemas have the id ${id}.`);
    schemas.set(id, schema);
  };

  const convert = (schema: z.ZodType, io: 'input' | 'output'): Node => {
    const {
      $schema: _,
      $defs,
      ...own
    } = z.toJSONSchema(schema, {
      io,
      unrepresentable: 'any',
      override: overrideFor(io, (entry) => convert(entry, io)),
    });
    for (const [id, definition] of Object.entries($defs ?? {})) add(id, tidy(definition));
    return tidy(own);
  };

  return {
    /** Schema of a part of a request. */
    request: (schema: z.ZodType): Node => convert(schema, 'input'),
    /** Schema of a response or a webhook. */
    response: (schema: z.ZodType): Node => convert(schema, 'output'),
    /** All components so far, by id. */
    all: (): Node => Object.fromEntries([...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
};
export type Components = ReturnType<typeof createComponents>;
