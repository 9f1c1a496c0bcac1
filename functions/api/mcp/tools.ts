import type * as z from 'zod';
import { ApiError, type CallApi, type Scope, scopeFields } from './call-api.ts';
import type { Inputs } from './tool-input.ts';
import { eventFrom, linesOf, memoriesFrom, pageFrom } from './tool-output.ts';

type Input<Name extends keyof Inputs> = z.output<Inputs[Name]>;

const defaultResults = 10;
const defaultPageSize = 20;

/** Result of a tool: a text for the model, and the same as data. */
interface ToolResult {
  text: string;
  data: { [field: string]: unknown };
}

type Ids = { [field in (typeof scopeFields)[number]]?: string };

/** Ids of the scope, and those of the arguments. */
const idsOf = (scope: Scope, input: object): Ids => {
  const given: Ids = input;
  return Object.fromEntries(
    scopeFields.flatMap((field) => {
      const id = scope[field] ?? given[field];
      return id === undefined ? [] : [[field, id]];
    }),
  );
};

/** @throws ApiError without an id: the API would name a filter, which no tool has */
const filtersOf = (ids: Ids) => {
  const message = `One of ${scopeFields.join(', ')} is required.`;
  if (Object.keys(ids).length === 0)
    throw new ApiError({ status: 400, body: { message, code: 'invalid_request' } });
  return { AND: Object.entries(ids).map(([field, id]) => ({ [field]: id })) };
};

/** The error of the API for an id that does not exist. */
const absent = {
  memory: { message: 'Memory not found!', code: 'memory_not_found' },
  event: {
    message: "Event not found or you don't have permission to access it.",
    code: 'event_not_found',
  },
} as const;
const notFound = (what: keyof typeof absent) => new ApiError({ status: 404, body: absent[what] });

/** Operations of the tools. Each is one or two calls of the HTTP API, with its permissions, limits and errors. */
export const createTools = (call: CallApi, scope: Scope) => {
  /** Fails as for an id that does not exist, if what the path names is outside of the scope. */
  const checkScope = async (path: string, what: keyof typeof absent): Promise<void> => {
    if (Object.keys(scope).length === 0) return;
    const { body } = await call('GET', path);
    if (scopeFields.some((field) => scope[field] !== undefined && body[field] !== scope[field]))
      throw notFound(what);
  };

  const pathOf = (id: string): string => `/v1/memories/${encodeURIComponent(id)}`;

  return {
    async add({ text, role = 'user', wait = false, ...input }: Input<'add'>): Promise<ToolResult> {
      const { body } = await call('POST', '/v1/turns', {
        messages: [{ role, content: text }],
        async: !wait,
        ...idsOf(scope, input),
      });
      const event = eventFrom({ results: [], ...body });
      const isDone = event.results.length > 0;
      return {
        text: isDone
          ? event.results.map(({ event: what, memory }) => `${what}: ${memory}`).join('\n')
          : `Stored, and found by the next search. Event ${event.event_id} is ${event.status}.`,
        data: event,
      };
    },

    async search({
      query,
      top_k = defaultResults,
      threshold,
      ...input
    }: Input<'search'>): Promise<ToolResult> {
      const { body } = await call('POST', '/v3/memories/search', {
        query,
        top_k,
        ...(threshold !== undefined && { threshold }),
        filters: filtersOf(idsOf(scope, input)),
      });
      const data = memoriesFrom(body);
      return { text: linesOf(data.results), data };
    },

    async list({
      page = 1,
      page_size = defaultPageSize,
      ...input
    }: Input<'list'>): Promise<ToolResult> {
      const { body } = await call('POST', '/v3/memories', {
        filters: filtersOf(idsOf(scope, input)),
        page,
        page_size,
      });
      const data = pageFrom(body);
      return { text: linesOf(data.results), data };
    },

    async update({ memory_id, text }: Input<'update'>): Promise<ToolResult> {
      await checkScope(pathOf(memory_id), 'memory');
      const { body } = await call('PUT', pathOf(memory_id), { text });
      const id = String(body['id'] ?? memory_id);
      return { text: `Updated ${id}.`, data: { id, changed: 'updated' } };
    },

    async remove({ memory_id }: Input<'remove'>): Promise<ToolResult> {
      await checkScope(pathOf(memory_id), 'memory');
      await call('DELETE', pathOf(memory_id));
      return { text: `Deleted ${memory_id}.`, data: { id: memory_id, changed: 'deleted' } };
    },

    async event({ event_id, wait = 0 }: Input<'event'>): Promise<ToolResult> {
      const path = `/v1/events/${encodeURIComponent(event_id)}`;
      await checkScope(path, 'event');
      const { body } = await call('GET', `${path}?wait=${wait}`);
      const data = eventFrom(body);
      const changes = data.results.map(({ event: what, memory }) => `${what}: ${memory}`);
      const lines = [data.status, ...(data.error === undefined ? [] : [data.error]), ...changes];
      return { text: lines.join('\n'), data };
    },
  };
};

export type { ToolResult };
