/**
 * Form that a JSON Schema asks for, as far as the schema is followed: objects, arrays, texts with their options, numbers and booleans. Every part of
 * a value may be null, also one that the schema requires, since nothing is invented.
 */
export type Shape =
  | ({ type: 'object'; properties: { [name: string]: Shape } } & Described)
  | ({ type: 'array'; items: Shape; max?: number } & Described)
  | ({ type: 'string'; options?: string[]; format?: TextFormat } & Described)
  | ({ type: 'integer' | 'number' | 'boolean' } & Described);

/** Description of a part, or its title; `title` where the schema has both. */
export interface Described {
  about?: string;
  title?: string;
}

/** Formats of JSON Schema that are followed. */
const formats = ['date', 'date-time', 'email'] as const;
export type TextFormat = (typeof formats)[number];

export type ObjectShape = Extract<Shape, { type: 'object' }>;

/** Most parts of a shape, each property and each kind of entry counted. */
const maxShapeParts = 100;
/** Most levels of objects and arrays in a shape. */
const maxShapeDepth = 8;
/** Characters of a description that are kept: it is part of each request to a model. */
const maxAboutLength = 500;
const maxOptions = 100;
const maxOptionLength = 200;
const maxNameLength = 100;
/**
 * Longest shape, as JSON: several are stored in one item. References repeat a definition wherever they are used, so a short schema may
 * have a long shape.
 */
const maxShapeLength = 40_000;

type Node = { readonly [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldOf = (node: Node, name: string): unknown =>
  Object.hasOwn(node, name) ? node[name] : undefined;

/** A schema that cannot be followed; the message is the text after the name of the field. */
class Unusable extends Error {}

/** Name of a definition in a reference; undefined if it is not well-formed. */
const decodedName = (name: string): string | undefined => {
  try {
    return decodeURIComponent(name);
  } catch {
    return undefined;
  }
};

const definitionOf = (root: Node, reference: unknown): Node => {
  const [, group = '', name = ''] =
    /^#\/(\$defs|definitions)\/([^/]+)$/.exec(String(reference)) ?? [];
  const definitions = fieldOf(root, group);
  const decoded = decodedName(name);
  const found =
    isNode(definitions) && decoded !== undefined ? fieldOf(definitions, decoded) : undefined;
  if (isNode(found)) return found;
  throw new Unusable('has a $ref to a definition that it does not have');
};

const unions = ['anyOf', 'oneOf', 'allOf'] as const;

const isNull = (node: unknown): boolean => isNode(node) && fieldOf(node, 'type') === 'null';

/** The schema behind references, and the first one of a union that is not null. */
const resolved = (root: Node, node: Node): Node => {
  let current = node;
  for (let hops = 0; hops <= maxShapeDepth; hops++) {
    const about = fieldOf(current, 'description') ?? fieldOf(current, 'title');
    const list = unions.map((name) => fieldOf(current, name)).find(Array.isArray);
    const chosen: unknown = list?.find((option: unknown) => !isNull(option));
    const reference = fieldOf(current, '$ref');
    if (reference === undefined && !isNode(chosen)) return current;
    const target = isNode(chosen) ? chosen : definitionOf(root, reference);
    current = about === undefined ? target : { ...target, description: about };
  }
  throw new Unusable('has references that do not end');
};

const typeOf = (node: Node): unknown => {
  const type = fieldOf(node, 'type');
  const first = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  if (first !== undefined) return first;
  if (isNode(fieldOf(node, 'properties'))) return 'object';
  return fieldOf(node, 'items') === undefined ? 'string' : 'array';
};

const optionsOf = (node: Node): string[] | undefined => {
  const constant = fieldOf(node, 'const');
  const given = constant === undefined ? fieldOf(node, 'enum') : [constant];
  if (!Array.isArray(given)) return undefined;
  const options = given.filter((one): one is string => typeof one === 'string');
  if (options.length > maxOptions || options.some(({ length }) => length > maxOptionLength))
    throw new Unusable(
      `must not have an enum of more than ${maxOptions} texts or ${maxOptionLength} characters in one`,
    );
  return options.length > 0 ? options : undefined;
};

interface Reading {
  root: Node;
  parts: number;
}

const describedBy = (node: Node): Described => {
  const [about, title] = [fieldOf(node, 'description'), fieldOf(node, 'title')].flatMap((one) =>
    typeof one === 'string' && one.trim() !== '' ? [one.slice(0, maxAboutLength)] : [],
  );
  return { ...(about !== undefined && { about }), ...(title !== undefined && { title }) };
};

const count = (reading: Reading, depth: number): void => {
  reading.parts += 1;
  if (reading.parts > maxShapeParts)
    throw new Unusable(`must not have more than ${maxShapeParts} properties`);
  if (depth > maxShapeDepth)
    throw new Unusable(`must not be nested deeper than ${maxShapeDepth} levels`);
};

const propertiesOf = (
  reading: Reading,
  properties: unknown,
  depth: number,
): { [name: string]: Shape } => {
  if (!isNode(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, part]) => {
      if (name.length > maxNameLength)
        throw new Unusable(`must not have a name of more than ${maxNameLength} characters`);
      return [name, shapeOf(reading, part, depth + 1)];
    }),
  );
};

const shapeOf = (reading: Reading, value: unknown, depth: number): Shape => {
  count(reading, depth);
  // Some clients write a type or a description in place of a schema.
  const given = typeof value === 'string' ? { type: value } : value;
  if (!isNode(given)) return { type: 'string' };
  const node = resolved(reading.root, given);
  const about = describedBy(node);
  const type = typeOf(node);
  switch (type) {
    case 'object':
      return {
        type,
        properties: propertiesOf(reading, fieldOf(node, 'properties'), depth),
        ...about,
      };
    case 'array': {
      const max = fieldOf(node, 'maxItems');
      const bounded = typeof max === 'number' && max >= 0 ? { max: Math.floor(max) } : {};
      const items = shapeOf(reading, fieldOf(node, 'items'), depth + 1);
      return { type, items, ...bounded, ...about };
    }
    case 'integer':
    case 'number':
    case 'boolean':
      return { type, ...about };
    default: {
      const options = optionsOf(node);
      const described = type === 'string' || typeof value !== 'string' ? about : { about: value };
      const format = formats.find((one) => one === fieldOf(node, 'format'));
      return {
        type: 'string',
        ...(options && { options }),
        ...(format && { format }),
        ...described,
      };
    }
  }
};

const keywords = ['type', 'properties', '$ref', ...unions];

/**
 * Reads a JSON Schema of an object, as libraries such as pydantic write them. An object without any keyword is taken for the
 * properties themselves. Keywords besides types, properties, items, references, unions, enums, `maxItems`, and formats of dates
 * and e-mail addresses are not followed.
 * @returns the shape, or a text that says after the name of the field why the schema cannot be used
 */
export const parseShape = (schema: unknown): ObjectShape | { problem: string } => {
  if (!isNode(schema) || Object.keys(schema).length === 0) return { problem: 'must be an object' };
  const isSchema = keywords.some((name) => fieldOf(schema, name) !== undefined);
  try {
    const reading = { root: schema, parts: 0 };
    const shape = shapeOf(reading, isSchema ? schema : { properties: schema }, 0);
    if (Buffer.byteLength(JSON.stringify(shape)) > maxShapeLength)
      return {
        problem: `must not be larger than ${maxShapeLength / 1_000} kB with its references replaced`,
      };
    if (shape.type === 'object' && Object.keys(shape.properties).length > 0) return shape;
    return { problem: 'must describe an object with properties' };
  } catch (error) {
    if (error instanceof Unusable) return { problem: error.message };
    throw error;
  }
};
