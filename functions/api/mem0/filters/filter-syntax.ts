import type { Filter } from '../../../../shared/domain/memory/filter.ts';
import { invalid } from '../../http/http-error.ts';
import { isRecord } from '../../http/is-record.ts';

/** Converts the value of one field of a filter. `at` is its position in the request. */
export type Rule = (value: unknown, at: string) => Filter;

/** Converts `userId` to `user_id`, since clients send both forms. */
export const snakeKey = (key: string): string =>
  key.replace(/[A-Z]/g, (character) => `_${character.toLowerCase()}`);

/** Converts `user_id` to `userId`. */
export const camelKey = (key: string): string =>
  key.replace(/_([a-z])/g, (_, initial: string) => initial.toUpperCase());

/** Returns the value if it is a list with at least one entry. */
export const listOf = (value: unknown, at: string): unknown[] => {
  if (!Array.isArray(value)) throw invalid(at, `${at} must be a list.`);
  if (value.length === 0) throw invalid(at, `${at} must not be an empty list.`);
  return value;
};

export const textOf = (value: unknown, at: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(at, `${at} must be a non-empty string.`);
};

/** Operators of a field; `bare` handles a value without an operator. */
type Operators = { readonly [operator: string]: (value: unknown) => Filter };

/** Converts `{gte: a, lt: b}` to a filter that requires all of its operators. */
export const operatorsOf = (value: unknown, at: string, operators: Operators): Filter => {
  const { bare, ...known } = operators;
  if (!isRecord(value)) {
    if (bare && value !== null && value !== undefined) return bare(value);
    const names = Object.keys(known).join(', ');
    if (bare && (value === null || value === undefined))
      throw invalid(at, `${at} must not be null: give a value, or an object with one of ${names}.`);
    throw invalid(at, `${at} must be an object with one of ${names}.`);
  }
  const parts = Object.entries(value).map(([name, operand]) => {
    const operator = Object.hasOwn(known, name) ? known[name] : undefined;
    if (operator) return operator(operand);
    throw invalid(
      at,
      `${at} has no operator ${JSON.stringify(name.slice(0, 60))}; it has ${Object.keys(known).join(', ')}.`,
    );
  });
  const [only, ...others] = parts;
  if (!only) throw invalid(at, `${at} must not be empty.`);
  return others.length === 0 ? only : { all: parts };
};
