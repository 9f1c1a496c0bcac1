import * as z from 'zod';
import { EntityId } from '../http/entity-ids.ts';
import { knownFields } from '../http/known-fields.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { createCallApi } from './call-api.ts';
import { JsonRpcMessage } from './message.openapi.ts';

const Message = z.looseObject(
  { jsonrpc: z.literal('2.0', 'must be "2.0"'), method: z.string('must be a string').optional() },
  'The body must be one JSON-RPC message.',
);

/** A parameter that is not known is an error: a mistyped one would confine nothing. */
const Query = knownFields({
  user_id: EntityId.optional(),
  agent_id: EntityId.optional(),
  app_id: EntityId.optional(),
  run_id: EntityId.optional(),
});

/** Headers that the calls of a tool take over from the request. */
const forwarded = ['authorization', 'x-request-id'];

/** The request without its body, which was read. Clients that forget what they accept get JSON. */
const requestFor = ({ url, headers: given, signal }: Request): Request => {
  const headers = new Headers(given);
  headers.set('Accept', 'application/json, text/event-stream');
  headers.set('Content-Type', 'application/json');
  headers.delete('Content-Length');
  return new Request(url, { method: 'POST', headers, signal });
};

/**
 * `POST /mcp`: the Model Context Protocol. A tool calls the other routes with the caller's key, so that permissions, limits
 * and errors are theirs. Ids in the query string confine all tools.
 * @param send sends a request to this API
 */
export const mcpRoutes = (
  version: string,
  send: (request: Request, env: unknown) => Response | Promise<Response>,
) => {
  const routes = createRoutes('MCP');

  routes.post('/mcp', {
    work: 'get',
    body: Message,
    query: Query,
    openapi: describe(() => ({
      operationId: 'callMcp',
      summary: 'Send a message of the Model Context Protocol',
      description:
        'Streamable HTTP without sessions, for the protocol of 2026-07-28 and of 2025. Ids in the query string confine every tool to them.',
      responses: { 200: JsonRpcMessage },
      example: {
        headers: { Accept: 'application/json, text/event-stream' },
        query: { user_id: 'ana' },
        body: {
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name: 'search_memories', arguments: { query: 'Where does Ana live?' } },
        },
      },
    })),
    handler: async (c, read) => {
      const scope = omitNullish(read.query());
      const message = await read.body();
      const headers = Object.fromEntries(
        forwarded.flatMap((name) => {
          const value = name === 'x-request-id' ? c.get('requestId') : c.req.header(name);
          return value === undefined ? [] : [[name, value]];
        }),
      );
      const call = createCallApi(
        (request) => send(request, c.env),
        'http://api',
        headers,
        c.req.raw.signal,
      );
      const { answerMcp } = await import('./server.ts');
      return answerMcp(requestFor(c.req.raw), message, { version, call, scope });
    },
  });

  return routes.all;
};
