import type { CallOptions } from './call-interface.ts';
import type { ContextOptions } from './context-interface.ts';
import { type ErrorContext, ValidationError } from './errors.ts';
import { camelKey } from './library-names.ts';
import type {
  AddOptions,
  ClientOptions,
  DeleteAllOptions,
  ListOptions,
  MemoryChange,
  MemoryOptions,
  OpenAiOptions,
  SearchOptions,
  WaitOptions,
} from './memory-interface.ts';
import type { ExchangeOptions, WaitForProcessingOptions } from './processing-interface.ts';

/** Names of all options of a type. The compiler refuses a missing and a further one. */
type NamesOf<T> = { readonly [name in keyof Required<T>]: true };

const call: NamesOf<CallOptions> = { signal: true };
const ids = { userId: true, agentId: true, appId: true, runId: true } as const;
const processing = { autoProcess: true, batchThreshold: true } as const;
const add: NamesOf<AddOptions> = {
  ...ids,
  ...call,
  metadata: true,
  infer: true,
  timestamp: true,
  wait: true,
  idempotencyKey: true,
  timeoutMs: true,
  expirationDate: true,
  customCategories: true,
  customInstructions: true,
  includes: true,
  excludes: true,
  immutable: true,
};
const search: NamesOf<SearchOptions> = {
  ...ids,
  ...call,
  filters: true,
  topK: true,
  limit: true,
  threshold: true,
  includeRough: true,
  includeMessages: true,
  atTime: true,
  includeExpired: true,
  rerank: true,
  diversity: true,
  recency: true,
};
const context: NamesOf<ContextOptions> = {
  ...ids,
  ...call,
  budget: true,
  filters: true,
  threshold: true,
  diversity: true,
  recency: true,
};
const getAll: NamesOf<ListOptions> = {
  ...ids,
  ...call,
  filters: true,
  limit: true,
  includeRough: true,
  atTime: true,
  includeExpired: true,
};
const change: NamesOf<MemoryChange> = { text: true, metadata: true };
const deleteAll: NamesOf<DeleteAllOptions> = { ...ids, ...call, metadata: true };
const waitForEvent: NamesOf<WaitOptions> = { ...call, timeoutMs: true };
const addExchange: NamesOf<ExchangeOptions> = {
  agentId: true,
  appId: true,
  runId: true,
  ...call,
  metadata: true,
  timestamp: true,
  idempotencyKey: true,
};
const waitForProcessing: NamesOf<WaitForProcessingOptions> = { ...call, timeout: true };
const createMemory: NamesOf<MemoryOptions> = {
  ...processing,
  dataDir: true,
  openai: true,
  log: true,
};
const createClient: NamesOf<ClientOptions> = {
  ...processing,
  url: true,
  apiKey: true,
  retries: true,
  requestTimeoutMs: true,
  fetch: true,
};
const openai: NamesOf<OpenAiOptions> = {
  apiKey: true,
  baseUrl: true,
  model: true,
  embeddingModel: true,
};

const known: ReadonlyMap<string, object> = new Map<string, object>(
  Object.entries({
    add,
    search,
    context,
    getAll,
    change,
    deleteAll,
    waitForEvent,
    addExchange,
    waitForProcessing,
    createMemory,
    createClient,
    openai,
  }),
);

/** An option that an operation does not have, and the sentence that says so. */
export interface UnknownOption {
  field: string;
  sentence: string;
}

/**
 * Returns the first given option that an operation does not have; undefined if there is none. Options that are undefined are not given.
 * Operations that are not listed have `signal` alone.
 * @param operation name of the operation, or of the object that has the options
 * @param shown name in the sentence
 */
export const unknownOption = (
  operation: string,
  options: object,
  shown = operation,
): UnknownOption | undefined => {
  const names = known.get(operation) ?? call;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const field = given.map(([name]) => name).find((name) => !Object.hasOwn(names, name));
  if (field === undefined) return undefined;
  const camel = camelKey(field);
  const advice = Object.hasOwn(names, camel) ? camel : `one of ${Object.keys(names).join(', ')}`;
  const quoted = JSON.stringify(field.slice(0, 100));
  return { field, sentence: `${shown} has no option ${quoted}: use ${advice}.` };
};

/** Types of options that the HTTP API does not see. */
const types: readonly (readonly [string, (value: unknown) => boolean, string])[] = [
  ['signal', (value) => value instanceof AbortSignal, 'an AbortSignal'],
  ['wait', (value) => value === null || typeof value === 'boolean', 'true or false'],
  [
    'idempotencyKey',
    (value) => value === null || (typeof value === 'string' && /^[ -~]+$/.test(value)),
    'a text of printable ASCII characters',
  ],
];

const rejectWrongType = (options: object, context: ErrorContext): void => {
  for (const [field, isRight, type] of types) {
    const value: unknown = Reflect.get(options, field);
    if (value === undefined || isRight(value)) continue;
    throw new ValidationError('invalid_request', `${field} must be ${type}.`, context, { field });
  }
};

/**
 * Refuses an option that an object of an operation does not have.
 * @throws ValidationError unknown_option that names the option
 */
export const rejectUnknownOf = (name: string, options: object, context: ErrorContext): void => {
  const unknown = unknownOption(name, options, context.operation);
  if (!unknown) return;
  const { field, sentence } = unknown;
  throw new ValidationError('unknown_option', sentence, context, { field });
};

/** @throws ValidationError unknown_option that names the option, or invalid_request for a value of another type */
export const rejectUnknown = (options: object, context: ErrorContext): void => {
  rejectUnknownOf(context.operation, options, context);
  rejectWrongType(options, context);
};
