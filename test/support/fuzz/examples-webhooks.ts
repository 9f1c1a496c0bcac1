import type { Example } from './example.ts';

const settings = {
  name: 'hook',
  description: 'for tests',
  headers: { 'x-token': 'secret' },
  filters: { user_id: ['full', 'other'], run_id: 'run' },
  rate_limit: 10,
  max_in_flight: 2,
  ordered: false,
};

const endpoint = '/v1/endpoints/{{endpoint}}';
const busy = '/v1/endpoints/{{busyEndpoint}}';

export const webhookExamples: readonly Example[] = [
  {
    route: 'POST /v1/endpoints',
    body: { url: '{{url}}', event_types: ['endpoint.disabled'], ...settings, signing: 'v1' },
  },
  { route: 'GET /v1/endpoints', query: { page: '1', page_size: '10' } },
  { route: 'GET /v1/endpoints/:id', path: endpoint },
  {
    route: 'PATCH /v1/endpoints/:id',
    path: endpoint,
    body: { url: '{{url}}', event_types: ['endpoint.disabled'], ...settings },
  },
  { route: 'DELETE /v1/endpoints/:id', path: endpoint },
  { route: 'POST /v1/endpoints/:id/pause', path: `${endpoint}/pause` },
  { route: 'POST /v1/endpoints/:id/resume', path: `${endpoint}/resume` },
  { route: 'POST /v1/endpoints/:id/test', path: `${busy}/test` },
  { route: 'GET /v1/endpoints/:id/secret', path: `${endpoint}/secret` },
  {
    route: 'POST /v1/endpoints/:id/secret/rotate',
    path: `${endpoint}/secret/rotate`,
    body: { overlap_seconds: 0, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
  },
  {
    route: 'GET /v1/endpoints/:id/deliveries',
    path: `${busy}/deliveries`,
    query: { status: 'succeeded', since: '2026-01-01', limit: '10', after: '{{deliveryCursor}}' },
  },
  { route: 'GET /v1/inspector' },
  { route: 'DELETE /v1/inspector' },
  { route: 'GET /v1/deliveries/:id', path: '/v1/deliveries/{{delivery}}' },
  { route: 'POST /v1/deliveries/:id/resend', path: '/v1/deliveries/{{delivery}}/resend' },
  {
    route: 'POST /v1/endpoints/:id/recover',
    path: `${busy}/recover`,
    body: { since: '2026-01-01', until: '2026-02-01', which: 'failed' },
  },
  { route: 'GET /v1/endpoints/:id/recover', path: `${busy}/recover` },
  { route: 'GET /v1/endpoints/:id/recover/:recovery', path: `${busy}/recover/{{recovery}}` },
  {
    route: 'POST /v1/endpoints/:id/recover/:recovery/cancel',
    path: `${busy}/recover/{{recovery}}/cancel`,
  },
  {
    route: 'GET /v1/notifications',
    query: { after: '{{notificationCursor}}', limit: '20' },
  },
];
