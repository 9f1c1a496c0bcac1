import type { Example } from './example.ts';

const messages = [
  { role: 'user', content: 'I moved to Lisbon in May 2024, and I like tea.', name: 'Ana' },
  { role: 'assistant', content: [{ type: 'text', text: 'Noted.' }] },
];

export const nativeExamples: readonly Example[] = [
  { route: 'GET /v1/live' },
  { route: 'GET /v1/health' },
  { route: 'GET /openapi.json' },
  {
    route: 'POST /v1/turns',
    headers: { 'idempotency-key': 'once-{{unique}}' },
    body: {
      messages,
      user_id: 'full',
      agent_id: 'agent',
      app_id: 'app',
      run_id: 'run',
      metadata: { topic: 'moving', nested: { list: [1, 2, 3] } },
      timestamp: '2026-06-01T10:00:00Z',
      infer: true,
      async: true,
      dedupe: false,
    },
  },
  { route: 'GET /v1/keys', query: { page: '1', page_size: '10' } },
  { route: 'POST /v1/keys', body: { name: 'agent', permissions: ['read', 'write'] } },
  { route: 'DELETE /v1/keys/:id', path: '/v1/keys/{{key}}' },
  { route: 'GET /v1/usage', query: { since: '{{today}}', until: '2999-01-01T00:00:00Z' } },
  {
    route: 'GET /v1/context',
    query: {
      ...{ query: 'tea', user_id: 'full', budget: '500', threshold: '0.2', diversity: '0.3' },
      filters: '{"created_at":{"gte":"2020-01-01"}}',
    },
  },
  { route: 'GET /v1/export', query: { format: 'jsonl', user_id: 'full' } },
  {
    route: 'POST /v1/import',
    body: { records: [{ entity: { kind: 'user', id: 'restored-{{unique}}', createdAt: 1 } }] },
  },
  { route: 'GET /v1/events', query: { page: '1', page_size: '50' } },
  {
    route: 'GET /v1/events',
    query: { page: '2', after: '2026-11.01900000-0000-7000-8000-000000000000', texts: 'false' },
  },
  { route: 'GET /v1/events', query: { status: 'PENDING,FAILED', event_type: 'ADD' } },
  { route: 'GET /v1/events/stream', query: { seconds: '0' }, headers: { 'last-event-id': 'a.1' } },
  {
    route: 'GET /v1/events/:id',
    path: '/v1/events/{{event}}',
    query: { wait: '0', stages: 'true' },
  },
  { route: 'POST /v1/events/:id/retry', path: '/v1/events/{{event}}/retry' },
  {
    route: 'POST /v1/users/:id{.+}/process',
    path: '/v1/users/full/process',
    query: { wait: '0' },
  },
  { route: 'POST /v1/users/:id{.+}/flush', path: '/v1/users/full/flush', body: { timeout: 0 } },
  { route: 'POST /v1/users/:id{.+}/wait', path: '/v1/users/full/wait', body: { timeout: 0 } },
  { route: 'GET /v1/users/:id{.+}/tasks', path: '/v1/users/full/tasks', query: { limit: '10' } },
  { route: 'GET /v1/users/:id{.+}/settings', path: '/v1/users/full/settings' },
  {
    route: 'PUT /v1/users/:id{.+}/settings',
    path: '/v1/users/settled/settings',
    body: { auto_process: false, batch_threshold: 10, idle_seconds: 60 },
  },
  { route: 'DELETE /v1/users/:id{.+}', path: '/v1/users/deleted-{{unique}}' },
  { route: 'GET /v1/tasks/:id', path: '/v1/tasks/{{event}}', query: { wait: '0' } },
  { route: 'POST /v1/tasks/:id/cancel', path: '/v1/tasks/{{event}}/cancel' },
  { route: 'POST /v1/events/:id/cancel', path: '/v1/events/{{event}}/cancel' },
  {
    route: 'POST /mcp',
    query: { user_id: 'full' },
    body: {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'search_memories', arguments: { query: 'tea', top_k: 5 } },
    },
  },
  { route: 'POST /mcp', body: { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} } },
];
