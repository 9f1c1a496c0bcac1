import { addTurn, timeOf } from './add.ts';
import type { PendingAdd, Scope } from './call-interface.ts';
import { checkedCalls, isOptions } from './checked-calls.ts';
import type { ContextResult } from './context-interface.ts';
import { type ErrorContext, ValidationError } from './errors.ts';
import { rejectUnknown, rejectUnknownOf } from './known-options.ts';
import type {
  AddOptions,
  AddResult,
  DeleteStarted,
  FoundMemory,
  HistoryEntry,
  ListOptions,
  ListResult,
  Memory,
  MemoryChange,
  MemoryOperations,
  Messages,
  SearchOptions,
} from './memory-interface.ts';
import { createProcessing, type ProcessingSettings } from './processing.ts';
import { jsonOf, type Requester, requester, type Send } from './transport.ts';
import { pollEvent, timeoutOf } from './wait-for-event.ts';

/** Memories of one page of the service. */
const pageSize = 200;
const maxListed = 10_000;

type Ids = { [field: string]: string };

const idsOf = ({ userId, agentId, appId, runId }: Scope): Ids => {
  const ids = { user_id: userId, agent_id: agentId, app_id: appId, run_id: runId };
  return Object.fromEntries(
    Object.entries(ids).flatMap(([field, id]) => (id == null ? [] : [[field, id]])),
  );
};

const scopeOf = ({ userId, agentId, appId, runId }: Scope): Scope => ({
  ...(userId == null ? {} : { userId }),
  ...(agentId == null ? {} : { agentId }),
  ...(appId == null ? {} : { appId }),
  ...(runId == null ? {} : { runId }),
});

const refused = (code: string, sentence: string, context: ErrorContext, field: string) =>
  new ValidationError(code, sentence, context, { field });

const rejectMissingScope = (ids: Ids, context: ErrorContext): void => {
  if (Object.keys(ids).length > 0) return;
  throw refused(
    'missing_scope',
    `${context.operation} needs at least one of userId, agentId, appId, runId.`,
    context,
    'userId',
  );
};

const rejectBlankQuery = (query: unknown, context: ErrorContext): void => {
  if (typeof query !== 'string' || query.trim() === '')
    throw refused('empty_query', 'query must be a text that is not blank.', context, 'query');
};

/** Returns the filters of a search or a list: ids and filters must both match. */
const filtersOf = (options: SearchOptions | ListOptions, context: ErrorContext): unknown => {
  const ids = idsOf(options);
  if (options.filters === undefined) {
    rejectMissingScope(ids, context);
    return ids;
  }
  return Object.keys(ids).length === 0 ? options.filters : { AND: [ids, options.filters] };
};

const validityOf = (
  { atTime, includeExpired }: SearchOptions | ListOptions,
  context: ErrorContext,
) => ({ at_time: timeOf(atTime, context, 'atTime'), include_expired: includeExpired });

/** @throws ValidationError invalid_id */
const idOf = (id: string, noun: string, context: ErrorContext): string => {
  if (typeof id === 'string' && id.trim() !== '') return id;
  throw refused('invalid_id', `The id of the ${noun} must not be blank.`, context, 'id');
};

const pathOf = (id: string, context: ErrorContext): string =>
  `/v1/memories/${encodeURIComponent(idOf(id, 'memory', context))}`;

/** Returns the body of an update. @throws ValidationError for what is neither a text nor a change */
const changeOf = (change: string | MemoryChange, context: ErrorContext): MemoryChange => {
  if (typeof change === 'string') return { text: change };
  if (!isOptions(change))
    throw refused(
      'invalid_request',
      'update: the argument change must be a text or an object with text or metadata.',
      context,
      'change',
    );
  rejectUnknownOf('change', change, context);
  return change;
};

const listMemories = async (
  request: Requester,
  options: ListOptions,
  context: ErrorContext,
): Promise<ListResult> => {
  rejectUnknown(options, context);
  const { limit = 100, includeRough, signal } = options;
  if (!Number.isInteger(limit) || limit < 1 || limit > maxListed)
    throw refused('invalid_request', `limit must be 1 to ${maxListed}.`, context, 'limit');
  const body = {
    filters: filtersOf(options, context),
    include_rough: includeRough,
    ...validityOf(options, context),
  };
  const size = Math.min(limit, pageSize);
  // An add between two pages moves memories to the next page, which repeats them.
  const found = new Map<string, Memory>();
  for (let page = 1; ; page += 1) {
    const path = `/v3/memories?page=${page}&page_size=${size}`;
    const { results, count, next } = await request<ListResult & { next: string | null }>(
      { method: 'POST', path, body, signal },
      context,
    );
    for (const memory of results) found.set(memory.id, memory);
    if (next === null || found.size >= limit)
      return { results: [...found.values()].slice(0, limit), count };
  }
};

/** Builds the operations on memories over a transport. Validation is that of the HTTP API, so they behave alike everywhere. */
export const createOperations = (send: Send, processing: ProcessingSettings): MemoryOperations => {
  const request = requester(send);

  function add(messages: Messages, options: AddOptions & { wait: false }): Promise<PendingAdd>;
  function add(
    messages: Messages,
    options: AddOptions & { wait?: true | undefined },
  ): Promise<AddResult>;
  function add(messages: Messages, options: AddOptions): Promise<AddResult | PendingAdd>;
  async function add(messages: Messages, options: AddOptions = {}) {
    const context = { operation: 'add', ...scopeOf(options) };
    rejectUnknown(options, context);
    rejectMissingScope(idsOf(options), context);
    return addTurn(request, messages, options, context);
  }

  return checkedCalls({
    ...createProcessing(request, processing),
    add,
    async search(query, options = {}) {
      const context = { operation: 'search', ...scopeOf(options) };
      rejectUnknown(options, context);
      rejectBlankQuery(query, context);
      const body = {
        query,
        filters: filtersOf(options, context),
        top_k: options.topK ?? options.limit,
        threshold: options.threshold,
        include_rough: options.includeRough,
        include_messages: options.includeMessages,
        rerank: options.rerank,
        diversity: options.diversity,
        recency: options.recency,
        ...validityOf(options, context),
      };
      const { signal } = options;
      return request<{ results: FoundMemory[] }>(
        { method: 'POST', path: '/v3/memories/search', body, signal },
        context,
      );
    },
    async context(query, options = {}) {
      const context = { operation: 'context', ...scopeOf(options) };
      rejectUnknown(options, context);
      rejectBlankQuery(query, context);
      const { budget, threshold, diversity, recency, filters, signal } = options;
      const ids = idsOf(options);
      if (filters === undefined) rejectMissingScope(ids, context);
      const given = Object.entries({ budget, threshold, diversity, recency }).flatMap(
        ([name, value]) => (value == null ? [] : [[name, String(value)]]),
      );
      const parameters = new URLSearchParams({
        query,
        ...ids,
        ...Object.fromEntries(given),
        ...(filters === undefined ? {} : { filters: jsonOf(filters, context) }),
      });
      return request<ContextResult>(
        { method: 'GET', path: `/v1/context?${parameters}`, signal },
        context,
      );
    },
    async getAll(options = {}) {
      return listMemories(request, options, { operation: 'getAll', ...scopeOf(options) });
    },
    async get(id, options = {}) {
      const context = { operation: 'get', memoryId: id };
      rejectUnknown(options, context);
      const { signal } = options;
      return request<Memory>({ method: 'GET', path: pathOf(id, context), signal }, context);
    },
    async update(id, change, options = {}) {
      const context = { operation: 'update', memoryId: id };
      rejectUnknown(options, context);
      const { signal } = options;
      const body = changeOf(change, context);
      return request<Memory>({ method: 'PUT', path: pathOf(id, context), body, signal }, context);
    },
    async delete(id, options = {}) {
      const context = { operation: 'delete', memoryId: id };
      rejectUnknown(options, context);
      const { signal } = options;
      await request<unknown>(
        {
          method: 'DELETE',
          path: pathOf(id, context),
          signal,
          // The first try deleted the memory, and its answer was lost.
          accepts: ({ status, repeated = false }) => repeated && status === 404,
        },
        context,
      );
      return { message: 'Memory deleted successfully!' };
    },
    async deleteAll(options = {}) {
      const context = { operation: 'deleteAll', ...scopeOf(options) };
      rejectUnknown(options, context);
      const ids = idsOf(options);
      rejectMissingScope(ids, context);
      const { metadata, signal } = options;
      const query = new URLSearchParams({
        ...ids,
        ...(metadata === undefined ? {} : { metadata: jsonOf(metadata, context) }),
      });
      return request<DeleteStarted>(
        { method: 'DELETE', path: `/v1/memories?${query}`, signal },
        context,
      );
    },
    async history(id, options = {}) {
      const context = { operation: 'history', memoryId: id };
      rejectUnknown(options, context);
      const { signal } = options;
      const path = `${pathOf(id, context)}/history`;
      return request<HistoryEntry[]>({ method: 'GET', path, signal }, context);
    },
    async reset(options = {}) {
      const context = { operation: 'reset' };
      rejectUnknown(options, context);
      const { signal } = options;
      const path = '/v1/memories?user_id=*&agent_id=*&app_id=*&run_id=*';
      return request<DeleteStarted>({ method: 'DELETE', path, signal }, context);
    },
    async waitForEvent(id, options = {}) {
      const context = { operation: 'waitForEvent', eventId: id };
      rejectUnknown(options, context);
      const { timeoutMs, signal } = options;
      return pollEvent(
        request,
        idOf(id, 'event', context),
        timeoutOf(timeoutMs, context),
        signal,
        context,
      );
    },
  });
};
