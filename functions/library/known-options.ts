import type { CallOptions } from './call-interface.ts';
import { type ErrorContext, ValidationError } from './errors.ts';
import type {
  AddOptions,
  ClientOptions,
  DeleteAllOptions,
  ListOptions,
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
  rerank: true,
};
const getAll: NamesOf<ListOptions> = {
  ...ids,
  ...call,
  filters: true,
  limit: true,
  includeRough: true,
};
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
    getAll,
    deleteAll,
    waitForEvent,
    addExchange,
    waitForProcessing,
    createMemory,
    createClient,
    openai,
  }),
);

const camelKey = (key: string): string =>
  key.replace(/_([a-z])/g, (_, initial: string) => initial.toUpperCase());

/** An option that an operation does not have, and the sentence that says so. */
export interface UnknownOption {
  field: string;
  sentence: string;
}

/**
 * Returns the first given option that an operation does not have; undefined if there is none. Options that are undefined are not given.
 * Operations that are not listed have `signal` alone.
 */
export const unknownOption = (operation: string, options: object): UnknownOption | undefined => {
  const names = known.get(operation) ?? call;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const field = given.map(([name]) => name).find((name) => !Object.hasOwn(names, name));
  if (field === undefined) return undefined;
  const camel = camelKey(field);
  const advice = Object.hasOwn(names, camel) ? camel : `one of ${Object.keys(names).join(', ')}`;
  const shown = JSON.stringify(field.slice(0, 100));
  return { field, sentence: `${operation} has no option ${shown}: use ${advice}.` };
};

/** @throws ValidationError unknown_option that names the option */
export const rejectUnknown = (options: unknown, context: ErrorContext): void => {
  if (typeof options !== 'object' || options === null) return;
  const unknown = unknownOption(context.operation, options);
  if (!unknown) return;
  const { field, sentence } = unknown;
  throw new ValidationError('unknown_option', sentence, context, { field });
};
