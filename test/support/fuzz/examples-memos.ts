import type { Example } from './example.ts';

const path = '/api/openmem/v1';

const messages = [
  { role: 'user', content: 'Find me a hotel in Guangzhou.', chat_time: '2026-06-01 10:00:00' },
  { role: 'assistant', content: [{ type: 'text', text: '7 Days Inn, Ji Hotel or Hilton?' }] },
  {
    role: 'assistant',
    tool_calls: [
      {
        id: 'c1',
        type: 'function',
        function: { name: 'book', arguments: '{"hotel":"7 Days Inn"}' },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'Booked.', role_name: 'Desk' },
];

const filter = {
  and: [
    { tags: { contains: 'travel' } },
    { create_time: { gte: '2026-01-01', lt: '2999-01-01' } },
    { or: [{ agent_id: 'agent' }, { scene: 'trip' }] },
  ],
};

const views = {
  include_preference: true,
  include_tool_memory: true,
  include_memory_view: ['detail_factual', 'preference', 'tool_memory'],
};

/** Valid requests of the routes for MemOS clients. */
export const memosExamples: readonly Example[] = [
  {
    route: `POST ${path}/add/message`,
    body: {
      messages,
      user_id: 'full',
      conversation_id: '0610',
      app_id: 'app',
      tags: ['travel'],
      info: { scene: 'trip', biz_id: ['1', '2'], rank: 3 },
      async_mode: true,
      allow_public: true,
      allow_knowledgebase_ids: ['{{knowledgebase}}'],
      source: 'fuzz',
    },
  },
  {
    route: `POST ${path}/add/message`,
    body: { messages: messages.slice(0, 1), user_ids: ['full', 'other'], async_mode: false },
  },
  { route: `POST ${path}/get/status`, body: { task_id: '{{event}}' } },
  { route: `GET ${path}/get/status`, query: { task_id: '{{event}}' } },
  {
    route: `POST ${path}/search/memory`,
    body: {
      query: 'hotel',
      user_id: 'full',
      conversation_id: '0610',
      filter,
      memory_limit_number: 9,
      preference_limit_number: 9,
      tool_memory_limit_number: 6,
      relativity: 0.3,
      context_format: 'mixed',
      knowledgebase_ids: ['{{knowledgebase}}'],
      ...views,
    },
  },
  {
    route: `POST ${path}/search/memory`,
    body: { query: 'tea', user_id: 'full', filter: { user: filter } },
  },
  {
    route: `POST ${path}/get/memory`,
    body: { user_id: 'full', page: 1, current: 1, size: 10, filter, ...views },
  },
  { route: `GET ${path}/get/memory/:id`, path: `${path}/get/memory/{{memory}}` },
  {
    route: `POST ${path}/get/message`,
    body: { user_id: 'full', conversation_id: '0610', message_limit_number: 6 },
  },
  {
    route: `POST ${path}/update/memory`,
    body: {
      memory_id: '{{memory}}',
      content: 'User plays go.',
      title: 'Games',
      status: 'activated',
    },
  },
  { route: `POST ${path}/delete/memory`, body: { memory_ids: ['{{spare}}'] } },
  { route: `POST ${path}/delete/memory`, body: { user_id: '{{victim}}' } },
  {
    route: `POST ${path}/add/feedback`,
    body: {
      user_id: 'full',
      conversation_id: '0610',
      feedback_content: 'I prefer the Hilton.',
      feedback_time: '2026-06-02 10:00:00',
    },
  },
  {
    route: `POST ${path}/add/feedback`,
    body: { user_id: 'full', feedback_content: 'Change Hilton to Ji Hotel everywhere.' },
  },
  {
    route: `POST ${path}/extract/memory`,
    body: { messages: messages.slice(0, 1), extraction_types: ['memory', 'preference'] },
  },
  {
    route: `POST ${path}/rerank`,
    body: { model: 'any', query: 'hotel', documents: ['a hotel', { text: 'a train' }], top_n: 1 },
  },
  {
    route: `POST ${path}/create/knowledgebase`,
    body: { knowledgebase_name: 'Handbook', knowledgebase_description: 'Rules.' },
  },
  { route: `POST ${path}/delete/knowledgebase`, body: { knowledgebase_id: '{{spareBase}}' } },
  {
    route: `POST ${path}/add/knowledgebase-file`,
    body: {
      knowledgebase_id: '{{knowledgebase}}',
      file: [
        {
          name: 'a{{unique}}.md',
          content: 'data:text/markdown,Tea%20at%20five.',
          type: 'document',
        },
        { content: 'VGVhIGlzIHNlcnZlZCBhdCBmaXZlLg==', mediaType: 'text/plain' },
      ],
    },
  },
  {
    route: `POST ${path}/get/knowledgebase-file`,
    body: { knowledgebase_id: '{{knowledgebase}}', type: 'document', page: 1, page_size: 20 },
  },
  { route: `POST ${path}/get/knowledgebase-file`, body: { file_ids: ['{{file}}'] } },
  {
    route: `POST ${path}/list/knowledgebase-file`,
    body: { knowledgebase_id: '{{knowledgebase}}', page: 1, size: 10 },
  },
  { route: `POST ${path}/list/knowledgebase`, body: { page: 1, size: 10 } },
  { route: `POST ${path}/delete/knowledgebase-file`, body: { file_ids: ['{{file}}'] } },
  {
    route: `POST ${path}/chat`,
    body: {
      query: 'Which hotel did I choose?',
      user_id: 'full',
      conversation_id: '0610',
      app_id: 'app',
      system_prompt: 'Be brief.',
      model_name: 'any',
      stream: false,
      max_tokens: 100,
      temperature: 0.5,
      top_p: 0.9,
      add_message_on_answer: false,
      filter,
      relativity: 0.3,
      tags: ['travel'],
      info: { scene: 'trip' },
      ...views,
    },
  },
];
