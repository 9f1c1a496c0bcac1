import { expect } from 'vitest';
import { type Check, newId } from './check.ts';
import type { Framework } from './frameworks.ts';
import { requirePeer } from './published-mem0.ts';

interface Parameters {
  readonly [name: string]: unknown;
}

interface HttpRequest {
  method: string;
  url: string;
  body?: object;
  qs: { [name: string]: string | number };
}

/** Header of the published credential, which n8n fills from the stored key. */
const authorizationOf = (apiKey: string): string => {
  const { Mem0Api } = requirePeer('@mem0/n8n-nodes-mem0/dist/credentials/Mem0Api.credentials.js');
  const { Authorization } = new Mem0Api().authenticate.properties.headers;
  return Authorization.replace(/^=/, '').replace('{{$credentials.apiKey}}', apiKey);
};

/** Sends a request as n8n does: query, JSON body, and an error with the status for anything but 2xx. */
const send = async ({ method, url, body, qs }: HttpRequest, authorization: string) => {
  const query = new URLSearchParams(
    Object.entries(qs).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await fetch(`${url}?${query}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
};

/**
 * Runs the published node for one item. Faked is n8n itself: the input items, the parameters of the form, the stored
 * credential and the HTTP helper. The node, its credential and n8n-workflow are those that are published.
 */
const execute = async ({ url, apiKey }: Framework, parameters: Parameters) => {
  const { Mem0 } = requirePeer('@mem0/n8n-nodes-mem0/dist/nodes/Mem0/Mem0.node.js');
  const authorization = authorizationOf(apiKey);
  const context = {
    getInputData: () => [{ json: {} }],
    getCredentials: async () => ({ apiKey, baseUrl: url }),
    getNodeParameter: (name: string, _item: number, preset?: unknown) => parameters[name] ?? preset,
    getNode: () => ({ id: '1', name: 'Mem0', type: 'mem0', typeVersion: 1, parameters }),
    continueOnFail: () => false,
    helpers: {
      httpRequestWithAuthentication: (_credential: string, request: HttpRequest) =>
        send(request, authorization),
    },
  };
  // biome-ignore lint/suspicious/noExplicitAny: the output of the node is examined, not trusted
  const [items]: { json: any }[][] = await new Mem0().execute.call(context);
  return (items ?? []).map(({ json }) => json);
};

const add = (at: Framework, userId: string, content: string, addFields: object = {}) =>
  execute(at, {
    operation: 'add',
    'messages.message': [{ role: 'user', content }],
    userId,
    addFields,
  });

/** Operations of the node. */
export const n8nChecks: readonly Check<Framework>[] = [
  {
    method: 'add',
    route: 'GET /v1/event/:id',
    async run(at) {
      const userId = newId('gil');
      const added = await add(at, userId, 'I live in Lima.', { metadata: '{"rank":1}' });

      expect(added).toMatchObject([
        { event: 'ADD', user_id: userId, data: { memory: expect.stringContaining('Lima') } },
      ]);
    },
  },
  {
    method: 'search',
    route: 'POST /v3/memories/search',
    async run(at) {
      const [userId, agentId] = [newId('hal'), newId('guide')];
      await add(at, userId, 'I collect stamps.', { infer: false });

      const found = await execute(at, {
        ...{ operation: 'search', query: 'Which stamps?' },
        ...{ userId, agentId, limit: 5 },
      });

      expect(found).toMatchObject([{ memory: 'I collect stamps.', score: expect.any(Number) }]);
    },
  },
  {
    method: 'getAll',
    route: 'POST /v3/memories',
    async run(at) {
      const userId = newId('ida');
      for (const text of ['one', 'two', 'three']) await add(at, userId, text, { infer: false });

      const all = await execute(at, { operation: 'getAll', userId, returnAll: true, pageSize: 2 });
      const page = await execute(at, { operation: 'getAll', userId, page: 2, pageSize: 2 });

      expect(all.map(({ memory }) => memory)).toEqual(['three', 'two', 'one']);
      expect(page).toMatchObject([{ memory: 'one' }]);
    },
  },
  {
    method: 'get, update, delete',
    route: 'PUT /v1/memories/:id',
    async run(at) {
      const [{ id: memoryId }] = await add(at, newId('jon'), 'I juggle.', { infer: false });
      const changes = { text: 'I joke.', metadata: '{"rank":2}' };

      const got = await execute(at, { operation: 'get', memoryId });
      const updated = await execute(at, { operation: 'update', memoryId, ...changes });
      const deleted = await execute(at, { operation: 'delete', memoryId });

      expect(got).toMatchObject([{ id: memoryId, memory: 'I juggle.' }]);
      expect(updated).toMatchObject([{ id: memoryId, memory: 'I joke.', metadata: { rank: 2 } }]);
      expect(deleted).toMatchObject([{ message: 'Memory deleted successfully!' }]);
      await expect(execute(at, { operation: 'get', memoryId })).rejects.toThrow(/404/);
    },
  },
];
