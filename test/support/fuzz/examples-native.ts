import type { Example } from './example.ts';

const messages = [
  { role: 'user', content: 'I moved to Lisbon in May 2024, and I like tea.', name: 'Ana' },
  { role: 'assistant', content: [{ type: 'text', text: 'Noted.' }] },
];

export const nativeExamples: readonly Example[] = [
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
    query: { query: 'tea', user_id: 'full', budget: '500', threshold: '0.2' },
  },
  { route: 'GET /v1/events', query: { page: '1', page_size: '50' } },
  { route: 'GET /v1/events', query: { status: 'PENDING,FAILED', event_type: 'ADD' } },
  { route: 'GET /v1/events/:id', path: '/v1/events/{{event}}', query: { wait: '0' } },
  { route: 'POST /v1/events/:id/retry', path: '/v1/events/{{event}}/retry' },
  { route: 'POST /v1/events/:id/cancel', path: '/v1/events/{{event}}/cancel' },
];
