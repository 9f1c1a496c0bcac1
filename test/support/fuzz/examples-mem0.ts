import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { Example } from './example.ts';

const messages = [
  { role: 'user', content: 'I play chess on Tuesdays with Boris.' },
  { role: 'assistant', content: 'Sounds fun.' },
];

const add: Json = {
  messages,
  user_id: 'full',
  run_id: 'run',
  metadata: { source: 'chat', rank: 3 },
  infer: true,
  async_mode: true,
  dedupe: false,
  custom_instructions: 'Keep to facts.',
  agent_custom_instructions: 'Only promises.',
  custom_categories: [{ hobbies: 'what is done for fun' }],
  structured_data_schema: { type: 'object', properties: { city: { type: 'string' } } },
  includes: 'hobbies',
  excludes: 'money',
  immutable: false,
  expiration_date: '2031-01-31',
  timestamp: 1_780_000_000,
  output_format: 'v1.1',
  version: 'v2',
};

/** Contents and ids in the forms of several client libraries. */
const dialects: Json = {
  messages: [
    { role: 'developer', content: [{ type: 'input_text', text: 'Be kind.' }] },
    {
      role: 'human',
      content: [
        { type: 'tool_result', content: [{ type: 'text', text: '12 degrees' }] },
        { type: 'text', text: { value: 'I play chess.' } },
        { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      ],
    },
    { role: 'ai', content: null, refusal: 'No.', audio: { transcript: 'No.' } },
  ],
  filters: { user_id: 42 },
  observation_datetime: '2026-05-05T05:05',
  timezone: 'Europe/Berlin',
};

const verbatim: Json = {
  messages,
  user_id: 'full',
  infer: false,
  deduced_memories: ['Plays chess.', 'Knows Boris.'],
};

const selection = {
  categories: ['hobbies'],
  metadata: { source: 'chat' },
  keywords: 'chess',
  start_date: '2026-01-01',
  end_date: '2031-01-01',
  show_expired: true,
  latest_only: false,
  include_rough: true,
  include_merged: false,
  fields: ['id', 'memory', 'metadata'],
};
const ranking = {
  rerank: false,
  keyword_search: true,
  only_metadata_based_search: false,
  reference_date: '2026-01-01',
  diversity: 0.3,
  event: true,
};

const filters: Json = {
  AND: [
    { user_id: 'full' },
    {
      OR: [
        { run_id: { in: ['run', 'other'] } },
        { created_at: { gte: '2026-01-01', lt: '2031-01-01' } },
        { keywords: { icontains: 'chess' } },
        { metadata: { source: { in: ['chat', 'mail'] } } },
        { categories: { contains: ['hob'] } },
        { memory_ids: ['{{memory}}'] },
      ],
    },
    { NOT: { expiration_date: { eq: '2020-01-01' } } },
  ],
};

/** Additional filter of the v1 and v2 routes, which name the user outside the filter. */
const legacyFilters: Json = { NOT: [{ run_id: 'none' }] };

const query = { query: 'who plays chess?', top_k: 20, threshold: 0.1 };
const validity = { at_time: '2030-01-01T00:00:00Z', include_expired: true };
const paging = { page: 1, page_size: 20 };

/** A schema with references, unions, arrays of memories, and properties to fill. */
const exportSchema: Json = {
  $defs: { Game: { type: 'string', enum: ['chess', 'go'] } },
  type: 'object',
  properties: {
    game: { anyOf: [{ $ref: '#/$defs/Game' }, { type: 'null' }], description: 'what is played' },
    rank: { type: ['integer', 'null'] },
    friends: { type: 'array', items: { type: 'string' }, maxItems: 3 },
    home: { type: 'object', properties: { city: { type: 'string' } } },
    memories: {
      type: 'array',
      items: { type: 'object', properties: { memory: { type: 'string' }, source: {} } },
    },
  },
};

export const mem0Examples: readonly Example[] = [
  { route: 'GET /v1/ping' },
  { route: 'POST /v3/memories/add', body: add },
  { route: 'POST /v3/memories/add', body: verbatim },
  { route: 'POST /v3/memories/add', body: dialects },
  { route: 'POST /v1/memories', body: add },
  { route: 'POST /v3/memories/search', body: { ...query, filters } },
  {
    route: 'POST /v3/memories/search',
    body: { ...query, filters: { user_id: 'full' }, ...selection, ...ranking },
  },
  {
    route: 'POST /v2/memories/search',
    body: { ...query, user_id: 'full', filters: legacyFilters },
  },
  { route: 'POST /v1/memories/search', body: { ...query, user_id: 'full', ...selection } },
  {
    route: 'POST /v3/memories/search',
    body: { ...query, filters: { user_id: 'full' }, ...validity, include_messages: false },
  },
  { route: 'POST /v3/memories', body: { filters, ...paging } },
  { route: 'POST /v3/memories', body: { filters: { user_id: 'full' }, ...validity, ...paging } },
  {
    route: 'POST /v2/memories',
    body: { user_id: 'full', filters: legacyFilters, ...paging, ...selection },
  },
  {
    route: 'GET /v1/memories',
    query: {
      user_id: 'full',
      page: '1',
      page_size: '20',
      keywords: 'tea',
      categories: 'a,b',
      fields: 'id,memory',
      start_date: '2026-01-01',
      metadata: '{"source":"chat"}',
      show_expired: 'true',
      include_expired: 'true',
    },
  },
  { route: 'DELETE /v1/memories', query: { user_id: '{{victim}}' } },
  { route: 'DELETE /v1/memories', query: { user_id: '{{victim}}', metadata: '{"source":"x"}' } },
  { route: 'GET /v1/memories/:id', path: '/v1/memories/{{memory}}' },
  { route: 'GET /v1/memories/:id', path: '/v1/memories/{{message}}' },
  {
    route: 'PUT /v1/memories/:id',
    path: '/v1/memories/{{memory}}',
    body: {
      text: 'Plays chess on Tuesdays.',
      metadata: { source: 'edit' },
      timestamp: '2026-05-05T05:05:05Z',
      expiration_date: '2031-01-31',
    },
  },
  {
    route: 'DELETE /v1/memories/:id',
    path: '/v1/memories/{{spare}}',
    query: { delete_linked: 'true' },
  },
  { route: 'GET /v1/memories/:id/history', path: '/v1/memories/{{memory}}/history' },
  { route: 'GET /v1/memories/:id/history', path: '/v1/memories/{{message}}/history' },
  {
    route: 'PUT /v1/batch',
    body: {
      memories: [
        { memory_id: '{{memory}}', text: 'Plays go.', metadata: { source: 'batch' } },
        { memory_id: '{{memory}}', text: 'Plays poker.' },
      ],
    },
  },
  {
    route: 'DELETE /v1/batch',
    body: { memories: [{ memory_id: '{{spare}}' }, { memory_id: '{{spare}}' }] },
  },
  { route: 'GET /v1/memories/events', query: { page: '1', limit: '20' } },
  {
    route: 'GET /v1/memories/user/:id{.+}',
    path: '/v1/memories/user/full',
    query: { page: '1', page_size: '20' },
  },
  { route: 'GET /v1/memories/agent/:id{.+}', path: '/v1/memories/agent/agent' },
  { route: 'GET /v1/memories/app/:id{.+}', path: '/v1/memories/app/app' },
  { route: 'GET /v1/memories/run/:id{.+}', path: '/v1/memories/run/run' },
  {
    route: 'POST /v1/feedback',
    body: { memory_id: '{{memory}}', feedback: 'NEGATIVE', feedback_reason: 'She plays go.' },
  },
  { route: 'POST /v1/users', body: { user_id: 'full', metadata: { plan: 'free' }, name: 'Full' } },
  { route: 'POST /v1/agents', body: { agent_id: 'agent', metadata: { plan: 'free' } } },
  { route: 'POST /v1/apps', body: { app_id: 'app', metadata: { plan: 'free' } } },
  { route: 'POST /v1/runs', body: { run_id: 'run', metadata: { plan: 'free' } } },
  { route: 'GET /v1/stats' },
  {
    route: 'POST /v1/exports',
    body: { schema: exportSchema, filters, export_instructions: 'Be exact.' },
  },
  { route: 'POST /v1/exports/get', body: { filters } },
  { route: 'POST /v1/exports/get', body: { memory_export_id: '{{event}}' } },
  { route: 'POST /v1/summary', body: { filters: { user_id: 'full' } } },
  { route: 'GET /v2/entities/:type/:id/profile', path: '/v2/entities/user/full/profile' },
  {
    route: 'POST /v2/profiles/jobs',
    body: { operation: 'trigger', entity_type: 'user', entity_id: 'full' },
    headers: { 'idempotency-key': '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c70a' },
  },
  { route: 'POST /v2/profiles/jobs', body: { operation: 'sample', entity_type: 'run', limit: 2 } },
  { route: 'GET /v2/profiles/jobs/:id', path: '/v2/profiles/jobs/{{event}}' },
  { route: 'GET /v2/profiles/settings' },
  {
    route: 'POST /v2/profiles/settings',
    body: {
      enabled: true,
      entities: { user: { schema: exportSchema, custom_instructions: 'Be brief.' }, run: null },
    },
  },
  { route: 'GET /v1/entities', query: { page: '1', page_size: '20' } },
  { route: 'GET /v1/entities/filters' },
  { route: 'GET /v2/entities/:type/:id{.+}', path: '/v2/entities/user/full' },
  { route: 'DELETE /v1/entities/:type/:id{.+}', path: '/v1/entities/user/{{victim}}' },
  { route: 'DELETE /v2/entities/:type/:id{.+}', path: '/v2/entities/user/{{victim}}' },
  { route: 'GET /api/v1/orgs/organizations' },
  {
    route: 'GET /api/v1/orgs/organizations/:org',
    path: '/api/v1/orgs/organizations/{{organization}}',
  },
  {
    route: 'GET /api/v1/orgs/organizations/:org/projects',
    path: '/api/v1/orgs/organizations/{{organization}}/projects',
  },
  {
    route: 'GET /api/v1/orgs/organizations/:org/projects/:project',
    path: '/api/v1/orgs/organizations/{{organization}}/projects/{{project}}',
    query: { fields: 'custom_instructions,customCategories' },
  },
  {
    route: 'GET /api/v1/orgs/organizations/:org/members',
    path: '/api/v1/orgs/organizations/{{organization}}/members',
  },
  {
    route: 'GET /api/v1/orgs/organizations/:org/projects/:project/members',
    path: '/api/v1/orgs/organizations/{{organization}}/projects/{{project}}/members',
  },
  {
    route: 'PATCH /api/v1/orgs/organizations/:org/projects/:project',
    path: '/api/v1/orgs/organizations/{{organization}}/projects/{{project}}',
    body: {
      description: 'Agents of a shop.',
      custom_instructions: 'Remember sizes.',
      agent_custom_instructions: 'Remember promises.',
      custom_categories: [{ sizes: 'Sizes of clothes and shoes' }],
      inclusion_prompt: 'sizes',
      exclusion_prompt: 'prices',
      multilingual: true,
      include_messages: true,
      redaction: { iban: 'mask' },
      decay: false,
    },
  },
  { route: 'GET /v1/event/:id', path: '/v1/event/{{event}}' },
  {
    route: 'GET /api/v1/webhooks/projects/:project',
    path: '/api/v1/webhooks/projects/{{project}}',
  },
  {
    route: 'POST /api/v1/webhooks/projects/:project',
    path: '/api/v1/webhooks/projects/{{project}}',
    body: {
      name: 'hook',
      url: '{{url}}',
      event_types: ['memory_categorize'],
      is_active: false,
      project_id: '{{project}}',
    },
  },
  {
    route: 'PUT /api/v1/webhooks/:id',
    path: '/api/v1/webhooks/{{endpoint}}',
    body: { name: 'hook', url: '{{url}}', event_types: ['memory_categorize'], is_active: true },
  },
  { route: 'DELETE /api/v1/webhooks/:id', path: '/api/v1/webhooks/{{endpoint}}' },
];
