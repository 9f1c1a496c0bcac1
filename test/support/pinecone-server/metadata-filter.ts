import { z } from 'zod';
import { badRequest } from './refused.ts';

export type MetadataValue = string | number | boolean | string[];
export type Metadata = Readonly<Record<string, MetadataValue>>;

type Scalar = string | number | boolean;
type Stored = MetadataValue | undefined;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const list = z
  .array(z.union([z.string(), z.number()]))
  .min(1)
  .max(10_000);

const isOneOf = (stored: Stored, wanted: readonly Scalar[]): boolean =>
  Array.isArray(stored)
    ? stored.some((item) => wanted.includes(item))
    : stored !== undefined && wanted.includes(stored);

const compares =
  (holds: (stored: number, wanted: number) => boolean) =>
  (operand: unknown): ((stored: Stored) => boolean) => {
    const wanted = z.number().parse(operand);
    return (stored) => typeof stored === 'number' && holds(stored, wanted);
  };

export interface FilterOptions {
  /** Whether a record without the field passes `$ne` and `$nin`, which the documentation leaves open. */
  missingDiffers: boolean;
}

const operators = ({ missingDiffers }: FilterOptions) => {
  const differs = (stored: Stored, wanted: readonly Scalar[]): boolean =>
    stored === undefined ? missingDiffers : !isOneOf(stored, wanted);
  return new Map<string, (operand: unknown) => (stored: Stored) => boolean>([
    [
      '$eq',
      (operand) =>
        (
          (wanted) => (stored) =>
            isOneOf(stored, [wanted])
        )(scalar.parse(operand)),
    ],
    [
      '$ne',
      (operand) =>
        (
          (wanted) => (stored) =>
            differs(stored, [wanted])
        )(scalar.parse(operand)),
    ],
    [
      '$in',
      (operand) =>
        (
          (wanted) => (stored) =>
            isOneOf(stored, wanted)
        )(list.parse(operand)),
    ],
    [
      '$nin',
      (operand) =>
        (
          (wanted) => (stored) =>
            differs(stored, wanted)
        )(list.parse(operand)),
    ],
    ['$gt', compares((stored, wanted) => stored > wanted)],
    ['$gte', compares((stored, wanted) => stored >= wanted)],
    ['$lt', compares((stored, wanted) => stored < wanted)],
    ['$lte', compares((stored, wanted) => stored <= wanted)],
    [
      '$exists',
      (operand) =>
        (
          (wanted) => (stored) =>
            (stored !== undefined) === wanted
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
    const conditions =
      typeof operands === 'object' && operands !== null
        ? filterShape.parse(operands)
        : { $eq: operands };
    const tests = Object.entries(conditions).map(([name, operand]) => {
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

/** Compiles a filter in the syntax of the service. @throws Refused for a filter that the service rejects */
export const compileFilter = (filter: unknown, options: FilterOptions): Test => {
  if (filter === undefined) return () => true;
  try {
    return compileAny(filter, options);
  } catch (error) {
    if (error instanceof z.ZodError) throw badRequest(`invalid filter: ${z.prettifyError(error)}`);
    throw error;
  }
};
