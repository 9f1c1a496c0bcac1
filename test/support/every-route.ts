import type { Permission } from '../../shared/domain/project.ts';
import type { Answer, Client } from './in-memory-service.ts';
import { type Planted, planted } from './planted-service.ts';

type Recipe = (of: Planted) => [path: string, body?: object];

const asks = { messages: [{ role: 'user', content: 'I like tea.' }], user_id: 'own' };
const found = ({ user: id }: Planted) => ({ query: planted.text, filters: { user_id: id } });
const listed = ({ user: id }: Planted) => ({ filters: { user_id: id } });
const batch = ({ memories }: Planted) => ({
  memories: [{ memory_id: memories[1], metadata: { seen: true } }],
});

const memos = '/api/openmem/v1';
const organizations = '/api/v1/orgs/organizations';

/** Requests to each route that succeed with the right key and keep the planted texts, except for the last. */
export const requests: { readonly [route: string]: Recipe } = {
  'GET /v1/live': () => ['/v1/live'],
  'GET /v1/health': () => ['/v1/health'],
  'GET /openapi.json': () => ['/openapi.json'],
  'GET /v1/ping': () => ['/v1/ping'],
  'POST /v1/turns': () => ['/v1/turns', { ...asks, async: false }],
  'POST /mcp': ({ user }) => [
    '/mcp',
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'search_memories', arguments: { query: planted.text, user_id: user } },
    },
  ],
  'GET /v1/context': ({ user }) => [
    `/v1/context?query=${encodeURIComponent(planted.text)}&user_id=${user}`,
  ],
  'GET /v1/export': () => ['/v1/export?format=jsonl'],
  'POST /v1/import': () => [
    '/v1/import',
    { records: [{ entity: { kind: 'user', id: 'own', createdAt: 1 } }] },
  ],
  'GET /v1/events': () => ['/v1/events'],
  'GET /v1/events/stream': () => ['/v1/events/stream?seconds=0'],
  'GET /v1/events/:id': ({ event }) => [`/v1/events/${event}`],
  'GET /v1/event/:id': ({ failed }) => [`/v1/event/${failed}`],
  'POST /v1/users/:id{.+}/process': (of) => [`/v1/users/${of.user}-FAIL/process`],
  'POST /v1/users/:id{.+}/flush': (of) => [`/v1/users/${of.user}/flush`, { timeout: 1 }],
  'POST /v1/users/:id{.+}/wait': (of) => [`/v1/users/${of.user}/wait`, { timeout: 1 }],
  'GET /v1/users/:id{.+}/tasks': (of) => [`/v1/users/${of.user}-WAIT/tasks`],
  'GET /v1/users/:id{.+}/settings': (of) => [`/v1/users/${of.user}/settings`],
  'PUT /v1/users/:id{.+}/settings': () => ['/v1/users/own/settings', { batch_threshold: 2 }],
  'DELETE /v1/users/:id{.+}': () => ['/v1/users/own'],
  'GET /v1/tasks/:id': ({ task }) => [`/v1/tasks/${task}`],
  'POST /v1/endpoints': ({ receiver }) => ['/v1/endpoints', { url: receiver.url, event_types: [] }],
  'GET /v1/endpoints': () => ['/v1/endpoints'],
  'GET /v1/endpoints/:id': ({ endpoint }) => [`/v1/endpoints/${endpoint}`],
  'PATCH /v1/endpoints/:id': ({ endpoint }) => [`/v1/endpoints/${endpoint}`, { max_in_flight: 2 }],
  'POST /v1/endpoints/:id/pause': ({ endpoint }) => [`/v1/endpoints/${endpoint}/pause`],
  'POST /v1/endpoints/:id/resume': ({ endpoint }) => [`/v1/endpoints/${endpoint}/resume`],
  'POST /v1/endpoints/:id/test': ({ endpoint }) => [`/v1/endpoints/${endpoint}/test`],
  'GET /v1/endpoints/:id/secret': ({ endpoint }) => [`/v1/endpoints/${endpoint}/secret`],
  'POST /v1/endpoints/:id/secret/rotate': ({ endpoint }) => [
    `/v1/endpoints/${endpoint}/secret/rotate`,
  ],
  'GET /v1/endpoints/:id/deliveries': ({ endpoint }) => [`/v1/endpoints/${endpoint}/deliveries`],
  'GET /v1/deliveries/:id': ({ delivery }) => [`/v1/deliveries/${delivery}`],
  'POST /v1/deliveries/:id/resend': ({ delivery }) => [`/v1/deliveries/${delivery}/resend`],
  'POST /v1/endpoints/:id/recover': ({ endpoint }) => [
    `/v1/endpoints/${endpoint}/recover`,
    { since: '2020-01-01' },
  ],
  'GET /v1/endpoints/:id/recover': ({ endpoint }) => [`/v1/endpoints/${endpoint}/recover`],
  'GET /v1/endpoints/:id/recover/:recovery': ({ endpoint, recovery }) => [
    `/v1/endpoints/${endpoint}/recover/${recovery}`,
  ],
  'POST /v1/endpoints/:id/recover/:recovery/cancel': ({ endpoint, recovery }) => [
    `/v1/endpoints/${endpoint}/recover/${recovery}/cancel`,
  ],
  'GET /v1/notifications': () => ['/v1/notifications'],
  'GET /v1/inspector': () => ['/v1/inspector'],
  'DELETE /v1/inspector': () => ['/v1/inspector'],
  'GET /v1/keys': () => ['/v1/keys'],
  'POST /v1/keys': () => ['/v1/keys', { permissions: ['admin'] }],
  'DELETE /v1/keys/:id': () => ['/v1/keys/0123456789abcdef'],
  'GET /v1/usage': () => ['/v1/usage'],
  'POST /v3/memories/add': () => [
    '/v3/memories/add',
    { ...asks, user_id: 'own 2', async_mode: false },
  ],
  'POST /v1/memories': () => ['/v1/memories', { ...asks, infer: false }],
  'POST /v3/memories/search': (of) => ['/v3/memories/search', found(of)],
  'POST /v2/memories/search': (of) => ['/v2/memories/search', found(of)],
  'POST /v1/memories/search': (of) => ['/v1/memories/search', found(of)],
  'POST /v3/memories': (of) => ['/v3/memories', listed(of)],
  'POST /v2/memories': (of) => ['/v2/memories', listed(of)],
  'GET /v1/memories': (of) => [`/v1/memories?user_id=${of.user}`],
  'GET /v1/memories/events': () => ['/v1/memories/events'],
  'GET /v1/memories/user/:id{.+}': (of) => [`/v1/memories/user/${of.user}`],
  'GET /v1/memories/agent/:id{.+}': () => ['/v1/memories/agent/created'],
  'GET /v1/memories/app/:id{.+}': () => ['/v1/memories/app/created'],
  'GET /v1/memories/run/:id{.+}': () => ['/v1/memories/run/created'],
  'GET /v1/memories/:id': ({ memories }) => [`/v1/memories/${memories[0]}`],
  'GET /v1/memories/:id/history': ({ memories }) => [`/v1/memories/${memories[0]}/history`],
  'PUT /v1/memories/:id': ({ memories }) => [
    `/v1/memories/${memories[0]}`,
    { metadata: { seen: true } },
  ],
  'POST /v1/exports': (of) => [
    '/v1/exports',
    { ...listed(of), schema: { properties: { memory: {} } } },
  ],
  'POST /v1/exports/get': ({ exported }) => ['/v1/exports/get', { memory_export_id: exported }],
  'POST /v1/summary': (of) => ['/v1/summary', listed(of)],
  'GET /v2/entities/:type/:id/profile': (of) => [`/v2/entities/user/${of.user}/profile`],
  'POST /v2/profiles/jobs': () => [
    '/v2/profiles/jobs',
    { operation: 'sample', entity_type: 'user', limit: 1 },
  ],
  'GET /v2/profiles/jobs/:id': ({ profileJob }) => [`/v2/profiles/jobs/${profileJob}`],
  'GET /v2/profiles/settings': () => ['/v2/profiles/settings'],
  'POST /v2/profiles/settings': () => ['/v2/profiles/settings', { enabled: true }],
  'GET /v1/entities': () => ['/v1/entities'],
  'GET /v1/entities/filters': () => ['/v1/entities/filters'],
  'GET /v2/entities/:type/:id{.+}': (of) => [`/v2/entities/user/${of.user}`],
  'POST /v1/users': () => ['/v1/users', { user_id: 'own' }],
  'POST /v1/agents': () => ['/v1/agents', { agent_id: 'own' }],
  'POST /v1/apps': () => ['/v1/apps', { app_id: 'own' }],
  'POST /v1/runs': () => ['/v1/runs', { run_id: 'own' }],
  'GET /v1/stats': () => ['/v1/stats'],
  'POST /v1/feedback': ({ memories }) => [
    '/v1/feedback',
    { memory_id: memories[0], feedback: 'POSITIVE' },
  ],
  'PUT /v1/batch': (of) => ['/v1/batch', batch(of)],
  'GET /api/v1/webhooks/projects/:project': () => ['/api/v1/webhooks/projects/default'],
  'POST /api/v1/webhooks/projects/:project': ({ receiver }) => [
    '/api/v1/webhooks/projects/default',
    { name: 'own', url: receiver.url, event_types: ['memory_add'] },
  ],
  'PUT /api/v1/webhooks/:id': ({ other }) => [`/api/v1/webhooks/${other}`, { name: 'own' }],
  'GET /api/v1/orgs/organizations': () => [organizations],
  'GET /api/v1/orgs/organizations/:org': (of) => [`${organizations}/${of.organization}`],
  'GET /api/v1/orgs/organizations/:org/projects': (of) => [
    `${organizations}/${of.organization}/projects`,
  ],
  'GET /api/v1/orgs/organizations/:org/projects/:project': (of) => [
    `${organizations}/${of.organization}/projects/default`,
  ],
  'GET /api/v1/orgs/organizations/:org/members': (of) => [
    `${organizations}/${of.organization}/members`,
  ],
  'GET /api/v1/orgs/organizations/:org/projects/:project/members': (of) => [
    `${organizations}/${of.organization}/projects/default/members`,
  ],
  'PATCH /api/v1/orgs/organizations/:org/projects/:project': (of) => [
    `${organizations}/${of.organization}/projects/default`,
    { description: 'own' },
  ],
  [`POST ${memos}/add/message`]: () => [
    `${memos}/add/message`,
    { ...asks, user_id: 'own 3', async_mode: false },
  ],
  [`POST ${memos}/get/status`]: ({ event }) => [`${memos}/get/status`, { task_id: event }],
  [`GET ${memos}/get/status`]: ({ event }) => [`${memos}/get/status?task_id=${event}`],
  [`POST ${memos}/search/memory`]: (of) => [
    `${memos}/search/memory`,
    { query: planted.text, user_id: of.user },
  ],
  [`POST ${memos}/get/memory`]: (of) => [`${memos}/get/memory`, { user_id: of.user }],
  [`GET ${memos}/get/memory/:id`]: ({ memories }) => [`${memos}/get/memory/${memories[0]}`],
  [`POST ${memos}/get/message`]: (of) => [
    `${memos}/get/message`,
    { user_id: of.user, conversation_id: 'own' },
  ],
  [`POST ${memos}/update/memory`]: ({ memories }) => [
    `${memos}/update/memory`,
    { memory_id: memories[0], title: planted.text },
  ],
  [`POST ${memos}/add/feedback`]: () => [
    `${memos}/add/feedback`,
    { user_id: 'own 4', feedback_content: 'No tea.' },
  ],
  [`POST ${memos}/extract/memory`]: () => [`${memos}/extract/memory`, { messages: asks.messages }],
  [`POST ${memos}/chat`]: (of) => [
    `${memos}/chat`,
    { query: planted.text, user_id: of.user, conversation_id: 'own', add_message_on_answer: false },
  ],
  [`POST ${memos}/rerank`]: () => [`${memos}/rerank`, { query: 'tea', documents: ['tea', 'rain'] }],
  [`POST ${memos}/delete/memory`]: () => [`${memos}/delete/memory`, { user_id: 'own 3' }],
  [`POST ${memos}/create/knowledgebase`]: () => [
    `${memos}/create/knowledgebase`,
    { knowledgebase_name: 'own' },
  ],
  [`POST ${memos}/add/knowledgebase-file`]: ({ knowledgebase }) => [
    `${memos}/add/knowledgebase-file`,
    { knowledgebase_id: knowledgebase, file: [{ content: 'data:text/plain,Tea%20at%20five.' }] },
  ],
  [`POST ${memos}/get/knowledgebase-file`]: ({ knowledgebase }) => [
    `${memos}/get/knowledgebase-file`,
    { knowledgebase_id: knowledgebase },
  ],
  [`POST ${memos}/list/knowledgebase`]: () => [`${memos}/list/knowledgebase`, {}],
  [`POST ${memos}/list/knowledgebase-file`]: ({ knowledgebase }) => [
    `${memos}/list/knowledgebase-file`,
    { knowledgebase_id: knowledgebase },
  ],
  [`POST ${memos}/delete/knowledgebase-file`]: ({ file }) => [
    `${memos}/delete/knowledgebase-file`,
    { file_ids: [file] },
  ],
  [`POST ${memos}/delete/knowledgebase`]: ({ knowledgebase }) => [
    `${memos}/delete/knowledgebase`,
    { knowledgebase_id: knowledgebase },
  ],
  'POST /v1/events/:id/retry': ({ failed }) => [`/v1/events/${failed}/retry`],
  'POST /v1/events/:id/cancel': ({ waiting }) => [`/v1/events/${waiting}/cancel`],
  'POST /v1/tasks/:id/cancel': ({ task }) => [`/v1/tasks/${task}/cancel`],
  'DELETE /v1/memories/:id': ({ memories }) => [`/v1/memories/${memories[2]}`],
  'DELETE /v1/batch': (of) => ['/v1/batch', batch(of)],
  'DELETE /api/v1/webhooks/:id': ({ other }) => [`/api/v1/webhooks/${other}`],
  'DELETE /v1/endpoints/:id': ({ gone }) => [`/v1/endpoints/${gone}`],
  'DELETE /v1/entities/:type/:id{.+}': () => ['/v1/entities/user/own'],
  'DELETE /v2/entities/:type/:id{.+}': () => ['/v2/entities/user/own'],
  'DELETE /v1/memories': (of) => [`/v1/memories?user_id=${of.user}`],
};

/** All routes, such as `GET /v1/events/:id`. */
export const routesOf = ({ app }: Planted): string[] => [
  ...new Set(
    app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`),
  ),
];

/** Returns the response of every route to a key with these permissions. */
export const answersTo = async (
  of: Planted,
  permissions: readonly Permission[],
): Promise<Map<string, Answer>> => {
  const client: Client = await of.clientOf('default', permissions);
  const answers = new Map<string, Answer>();
  for (const [route, recipe] of Object.entries(requests)) {
    const [path, body] = recipe(of);
    const [method] = route.split(' ');
    answers.set(route, await client(`${method} ${path}`, body ? { body } : {}));
  }
  return answers;
};
