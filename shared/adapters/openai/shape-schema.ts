import type { ObjectShape, Shape } from '../../domain/derived/shape.ts';

/** Node of a JSON Schema. */
export type SchemaNode = { [key: string]: unknown };

const described = (shape: Shape): SchemaNode =>
  shape.about === undefined ? {} : { description: shape.about };

const nodeOf = (shape: Shape): SchemaNode => {
  switch (shape.type) {
    case 'object':
      return { ...schemaOf(shape), ...described(shape) };
    case 'array':
      return { type: 'array', items: nodeOf(shape.items), ...described(shape) };
    case 'string':
      return {
        type: ['string', 'null'],
        ...(shape.options && { enum: [...shape.options, null] }),
        ...described(shape),
      };
    default:
      return { type: [shape.type, 'null'], ...described(shape) };
  }
};

/** Strict JSON Schema of a shape: every property is required and may be null. */
export const schemaOf = ({ properties }: ObjectShape): SchemaNode => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [name, nodeOf(part)]),
  ),
  required: Object.keys(properties),
  additionalProperties: false,
});
