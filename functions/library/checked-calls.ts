import { type ErrorContext, ValidationError } from './errors.ts';
import type { MemoryOperations } from './memory-interface.ts';

/** Number of arguments of each operation before its options. */
const optionsAt: { readonly [operation in keyof MemoryOperations]: number } = {
  add: 1,
  search: 1,
  context: 1,
  getAll: 0,
  get: 1,
  update: 2,
  delete: 1,
  deleteAll: 0,
  history: 1,
  reset: 0,
  waitForEvent: 1,
  addExchange: 3,
  process: 1,
  processAsync: 1,
  flush: 1,
  waitForProcessing: 1,
};

/** Whether a value can be options: an object that is no list, Date, Map or other built-in. */
export const isOptions = (value: unknown): value is object =>
  Object.prototype.toString.call(value) === '[object Object]';

/**
 * Refuses arguments that an operation would not read.
 * @throws ValidationError invalid_request for options that are no object, too_many_arguments for a further argument
 */
export const rejectArguments = (
  operation: keyof MemoryOperations,
  given: readonly unknown[],
): void => {
  const context: ErrorContext = { operation };
  const at = optionsAt[operation];
  const options = given[at];
  if (options !== undefined && !isOptions(options))
    throw new ValidationError(
      'invalid_request',
      `${operation}: the argument options must be an object.`,
      context,
      { field: 'options' },
    );
  if (given.length > at + 1)
    throw new ValidationError(
      'too_many_arguments',
      `${operation} takes at most ${at + 1} argument${at === 0 ? '' : 's'}.`,
      context,
      { field: `arguments[${at + 1}]` },
    );
};

type Call = (...given: readonly unknown[]) => unknown;

/**
 * Makes operations refuse arguments that they would not read: a text in place of options must not delete everything.
 * `processAsync` returns at once, so its task reports what is refused.
 */
export const checkedCalls = <T extends MemoryOperations>(operations: T): T => {
  const checked = Object.entries<Call>({ ...(operations as object) }).map(
    ([name, call]): [string, Call] => [
      name,
      name === 'processAsync'
        ? call
        : async (...given) => {
            rejectArguments(name as keyof MemoryOperations, given);
            return call(...given);
          },
    ],
  );
  return Object.fromEntries(checked) as unknown as T;
};
