import { z } from 'zod';
import { badRequest } from './refused.ts';

export type MetadataValue = string | number | boolean | string[];
export type Metadata = Readonly<Record<string, MetadataValue>>;

type Scalar = string | number | boolean;
type Held = MetadataValue | undefined;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const list = z
  .array(z.union([z.string(), z.number()]))
  .min(1)
  .max(10_000);

const isOneOf = (held: Held, wanted: readonly Scalar[]): boolean =>
  Array.isArray(held)
    ? held.some((item) => wanted.includes(item))
    : held !== undefined && wanted.includes(held);

const compares =
  (holds: (held: number, wanted: number) => boolean) =>
  (operand: unknown): ((held: Held) => boolean) => {
    const wanted = z.number().parse(operand);
    return (held) => typeof held === 'number' && holds(held, wanted);
  };

/** What the documents leave open: whether a record without the field passes `$ne` and `$nin`. */
export interface FilterOptions {
  missingDiffers: boolean;
}

const operators = ({ missingDiffers }: FilterOptions) => {
  const differs = (held: Held, wanted: readonly Scalar[]): boolean =>
    held === undefined ? missingDiffers : !isOneOf(held, wanted);
  return new Map<string, (operand: unknown) => (held: Held) => boolean>([
    [
      '$eq',
      (operand) =>
        (
          (wanted) => (held) =>
            isOneOf(held, [wanted])
        )(scalar.parse(operand)),
    ],
    [
      '$ne',
      (operand) =>
        (
          (wanted) => (held) =>
            differs(held, [wanted])
        )(scalar.parse(operand)),
    ],
    [
      '$in',
      (operand) =>
        (
          (wanted) => (held) =>
            isOneOf(held, wanted)
        )(list.parse(operand)),
    ],
    [
      '$nin',
      (operand) =>
        (
          (wanted) => (held) =>
            differs(held, wanted)
        )(list.parse(operand)),
    ],
    ['$gt', compares((held, wanted) => held > wanted)],
    ['$gte', compares((held, wanted) => held >= wanted)],
    ['$lt', compares((held, wanted) => held < wanted)],
    ['$lte', compares((held, wanted) => held <= wanted)],
    [
      '$exists',
      (operand) =>
        (
          (wanted) => (held) =>
            (held !== undefined) === wanted
        )(z.boolean().parse(operand)),
    ],
  ]);
};

type Test = (metadata: Metadata) => boolean;

const filterShape = z
  .record(z.string(), z.unknown())
  .refine((filter) => Object.keys(filter).length > 0);

const compileAny = (filter: unknown, options: FilterOptions): Test => {
  const table = operators(options);

  const ofField = (field: string, operands: unknown): Test => {
    if (field.startsWith('$')) throw badRequest(`unknown operator ${field}`);
    const asked =
      typeof operands === 'object' && operands !== null
        ? filterShape.parse(operands)
        : { $eq: operands };
    const tests = Object.entries(asked).map(([name, operand]) => {
      const operator = table.get(name);
      if (!operator) throw badRequest(`unknown operator ${name}`);
      return operator(operand);
    });
    return (metadata) => tests.every((test) => test(metadata[field]));
  };

  const compileOne = (part: unknown): Test => {
    const tests = Object.entries(filterShape.parse(part)).map(([field, operands]): Test => {
      if (field !== '$and' && field !== '$or') return ofField(field, operands);
      const parts = z.array(z.unknown()).min(1).parse(operands).map(compileOne);
      return (metadata) =>
        field === '$and'
          ? parts.every((test) => test(metadata))
          : parts.some((test) => test(metadata));
    });
    return (metadata) => tests.every((test) => test(metadata));
  };
  return compileOne(filter);
};

/** A filter as the service reads it. @throws Refused what the service does not take */
export const compileFilter = (filter: unknown, options: FilterOptions): Test => {
  if (filter === undefined) return () => true;
  try {
    return compileAny(filter, options);
  } catch (error) {
    if (error instanceof z.ZodError) throw badRequest(`invalid filter: ${z.prettifyError(error)}`);
    throw error;
  }
};
