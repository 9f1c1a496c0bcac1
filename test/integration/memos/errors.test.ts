import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../../support/memos-client.ts';

let service: TestService;
let memos: MemosClient;
beforeAll(async () => {
  service = await openService();
  memos = memosClient(service.client);
});
afterAll(() => service.close());

describe('errors of the MemOS surface', () => {
  const messages = [{ role: 'user', content: 'Hi.' }];
  const many = 'x'.repeat(101);
  it.each<[string, object, number, string?]>([
    ['add/message', { messages }, 40002, 'user_id'],
    ['add/message', { user_id: 'a' }, 40002, 'messages'],
    ['add/message', { user_id: 'a', messages: [] }, 40003, 'messages'],
    ['add/message', { user_id: many, messages }, 40010, 'user_id'],
    ['add/message', { user_id: 'a', conversation_id: many, messages }, 40011, 'conversation_id'],
    [
      'add/message',
      { user_id: 'a', messages: [{ role: 'x', content: 'a' }] },
      40000,
      'messages[0].role',
    ],
    [
      'add/message',
      { user_id: 'a', messages, allow_memory_view: ['x'] },
      40000,
      'allow_memory_view[0]',
    ],
    [
      'search/memory',
      { query: 'a', user_id: 'a', include_memory_view: ['facts'] },
      40000,
      'include_memory_view[0]',
    ],
    ['add/message', { user_id: [], messages }, 40003, 'user_id'],
    ['add/message', { user_id: ['a', many], messages }, 40010, 'user_id'],
    ['add/message', { user_id: Array.from({ length: 21 }, String), messages }, 40000, 'user_id'],
    ['add/message', { user_id: ['a', 'b'], agent_id: ['c', 'd'], messages }, 40000, 'agent_id'],
    ['search/memory', { query: 'a', user_id: ['a', 'b'] }, 40000, 'user_id'],
    ['add/message', { user_id: 'a', messages, allow_public: 'maybe' }, 40000, 'allow_public'],
    ['add/message', { user_id: 'a', messages, info: { a: {} } }, 40000, 'info'],
    ['search/memory', { query: 'a' }, 40002, 'user_id'],
    ['search/memory', { query: 'a', user_id: 'a', agent_id: 'b' }, 40000, 'agent_id'],
    ['search/memory', { query: ' ', user_id: 'a' }, 40003, 'query'],
    ['search/memory', { query: 'a', user_id: 'a', relativity: 2 }, 40000, 'relativity'],
    [
      'search/memory',
      { query: 'a', user_id: 'a', memory_limit_number: 26 },
      40000,
      'memory_limit_number',
    ],
    [
      'search/memory',
      { query: 'a', user_id: 'a', knowledgebase_ids: ['k'] },
      50120,
      'knowledgebase_ids',
    ],
    ['search/memory', { query: 'a', user_id: 'a', filter: { and: [], or: [] } }, 40000, 'filter'],
    [
      'search/memory',
      { query: 'a', user_id: 'a', filter: { and: [{ tags: 'x' }] } },
      40000,
      'filter.and[0].tags',
    ],
    [
      'search/memory',
      { query: 'a', user_id: 'a', filter: { and: [{ a: 1, b: 2 }] } },
      40000,
      'filter.and[0]',
    ],
    [
      'search/memory',
      { query: 'a', user_id: 'a', filter: { user: { and: [] }, and: [] } },
      40000,
      'filter',
    ],
    ['get/memory', { user_id: 'a', size: 51 }, 40000, 'size'],
    ['get/message', { conversation_id: 'a' }, 40002, 'user_id'],
    ['delete/memory', { user_ids: ['a', 'b'] }, 40000, 'user_ids'],
    ['update/memory', { memory_id: 'x' }, 40002, 'content'],
    ['update/memory', { memory_id: 'x', content: 'y' }, 40307, 'memory_id'],
    ['delete/memory', {}, 40002, 'memory_ids'],
    ['delete/memory', { memory_ids: ['x'] }, 40307, 'memory_ids'],
    ['delete/memory', { filter: { and: [{ scene: 'chat' }] } }, 40000, 'filter'],
  ])('%s of %j is error %i', async (path, body, code, field) => {
    const answer = await memos.call(path, body);

    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toMatchObject({ code, data: null, field });
    expect(answer.body.message).toMatch(/\.$/);
  });

  it('an unknown list is refused with the known ones, which search and add take', async () => {
    const names = ['detail_factual', 'preference', 'tool_memory', 'skill', 'profile', 'event'];

    const refused = await memos.call('search/memory', {
      query: 'a',
      user_id: 'a',
      include_memory_view: ['facts'],
    });
    const found = await memos.search('a', { include_memory_view: names });
    const { status } = await memos.call('add/message', saying('Hi.', { allow_memory_view: names }));

    expect(refused.body.message).toContain(names.map((name) => JSON.stringify(name)).join(', '));
    expect(found).toMatchObject({ memory_detail_list: [] });
    expect(status).toBe(200);
  });

  it('an empty conversation_id is none', async () => {
    await memos.added(saying('I like jazz.', { user_id: 'eve', conversation_id: '' }));

    const { memory_detail_list: list } = await memos.data('get/memory', {
      user_id: 'eve',
      conversation_id: '',
    });

    expect(list).toMatchObject([{ conversation_id: 'default_session' }]);
  });

  it('messages of parts that are not read are refused, with the part and the reason', async () => {
    const content = [{ type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } }];

    const { status, body } = await memos.call('add/message', {
      user_id: 'ana',
      messages: [{ role: 'user', content }],
    });

    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 40003,
      field: 'messages',
      message:
        'messages must not be empty: part 0 of message 0 has the type "video_url", which is not read.',
    });
  });

  it('a rough memory has no title to change', async () => {
    const quiet = await openService({ refines: false });
    const asked = memosClient(quiet.client);
    await asked.added(saying('I like jazz.'));
    const { memory_detail_list } = await asked.search('jazz');

    const answer = await asked.call('update/memory', {
      memory_id: memory_detail_list[0].id,
      title: 'Music',
    });

    expect(answer).toMatchObject({ status: 409, body: { code: 50002, reason: 'not_refined' } });
    await quiet.close();
  });

  it('requests without a key, of unknown paths and of other methods have the same form', async () => {
    const sent = await Promise.all([
      service.send('POST /api/openmem/v1/search/memory', { body: {} }),
      service.client('POST /api/openmem/v1/none', { body: {} }),
      service.client('GET /api/openmem/v1/search/memory'),
    ]);

    expect(sent.map(({ status, body }) => [status, body.code, body.data])).toEqual([
      [401, 40100, null],
      [404, 40001, null],
      [405, 40000, null],
    ]);
  });

  it('a request above the rate limit is error 40309, and says so in words', async () => {
    const limited = await openService({
      access: () => ({
        rates: { key: { perSecond: 0.01, burst: 1 } },
      }),
    });
    const asked = memosClient(limited.client);
    const send = () => asked.call('get/status', { task_id: 'x' });

    const answers = [await send(), await send(), await send()];

    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, body: { code: 40309 } });
    expect(last?.body.message).toContain('rate limit');
    await limited.close();
  });
});
