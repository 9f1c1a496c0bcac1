import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainLanguageModel } from '../../support/fake-models.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../../support/memos-client.ts';
import {
  createScriptedModel,
  failing,
  proposing,
  type ScriptedModel,
} from '../../support/scripted-model.ts';

const toolMemory = proposing({
  turn: 0,
  type: 'ADD',
  kind: 'tool',
  text: 'get_weather(Oslo) -> rain',
  reasoning: 'The city is enough as a location.',
});

let service: TestService;
let model: ScriptedModel;
let memos: MemosClient;
beforeAll(async () => {
  model = createScriptedModel();
  // Answers by what was said, since turns of other tests may be refined in between.
  model.always((request, signal) => {
    const said = JSON.stringify(request.turns);
    if (said.includes('FAIL')) return failing(new Error('broken'))(request, signal);
    const answer = said.includes('get_weather') ? toolMemory : plainLanguageModel.decide;
    return answer(request, signal);
  });
  service = await openService({ languageModel: model, refineSchedule: [] });
  memos = memosClient(service.client);
});
afterAll(() => service.close());

const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
const file = { type: 'file', file: { file_data: 'https://example.com/a.pdf' } };

describe('filters by keys of info', () => {
  it.each(['constructor', 'toString', '__proto__x', 'hasOwnProperty'])(
    'a filter of the key %s compares that key of info',
    async (key) => {
      const user_id = `keys-${key}`;
      const info = { [key]: 'red' };
      await memos.added(saying('I like tea.', { user_id, async_mode: false, info }));

      const of = (value: string) => ({
        user_id,
        relativity: 0,
        filter: { and: [{ user_id }, { [key]: value }] },
      });
      const found = await memos.search('tea', of('red'));
      const other = await memos.search('tea', of('blue'));

      expect(found.memory_detail_list).not.toEqual([]);
      expect(other.memory_detail_list).toEqual([]);
    },
  );
});

describe('add/message', () => {
  it('async_mode false answers completed once the messages are refined', async () => {
    const data = await memos.added(saying('I like tea.', { async_mode: false }));

    expect(data).toEqual({ success: true, task_id: expect.any(String), status: 'completed' });
  });

  it.each([
    ['an image', image],
    ['a file', file],
  ])('%s forces async_mode, and the text beside it is kept', async (_, part) => {
    const content = [{ type: 'text', text: 'My zither.' }, part];
    const body = saying('', { user_id: 'eve', async_mode: false });

    const data = await memos.added({ ...body, messages: [{ role: 'user', content }] });

    expect(data.status).toBe('running');
    const said = { user_id: 'eve', conversation_id: '0610' };
    const { message_detail_list } = await memos.data('get/message', said);
    expect(message_detail_list.at(-1).content).toContain('My zither.');
  });

  it('the same request with an Idempotency-Key has the same task', async () => {
    const call = { body: saying('I like rain.'), headers: { 'idempotency-key': 'k1' } };
    const send = () => service.client('POST /api/openmem/v1/add/message', call);

    const [first, second] = [await send(), await send()];

    expect(second.body).toEqual(first.body);
  });

  it('a message without chat_time has the time of the request', async () => {
    const quiet = await openService({ refines: false });
    const asked = memosClient(quiet.client);
    await asked.added(saying('I like jazz.'));

    const found = await asked.search('jazz');

    const [item] = found.memory_detail_list;
    expect(item.memory_value).toMatch(
      /^user: \[\d\d:\d\d [AP]M on \d\d [A-Z][a-z]+, \d{4} UTC\]: I like jazz\.\n$/,
    );
    expect(Math.abs(item.create_time - Date.now())).toBeLessThan(60_000);
    await quiet.close();
  });

  it('a chat_time is shown as it was given', async () => {
    const quiet = await openService({ refines: false });
    const asked = memosClient(quiet.client);
    const message = { role: 'user', content: 'I like jazz.', chat_time: '2025年12月10日 上午' };
    await asked.added({ user_id: 'ana', messages: [message] });

    const found = await asked.search('jazz');

    expect(found.memory_detail_list[0]).toMatchObject({
      memory_value: 'user: [2025年12月10日 上午]: I like jazz.\n',
      conversation_id: 'default_session',
      create_time: Date.UTC(2025, 11, 10),
    });
    await quiet.close();
  });

  it.each(['add/message', 'add/feedback'])(
    'a time that cannot be read is refused by %s, with its field',
    async (route) => {
      const time = 'the day after the flood';

      const { status, body } = await memos.call(route, {
        user_id: 'ana',
        messages: [{ role: 'user', content: 'I like jazz.', chat_time: time }],
        feedback_content: 'I like jazz.',
        feedback_time: time,
      });

      const field = route === 'add/message' ? 'messages[0].chat_time' : 'feedback_time';
      expect(status).toBe(400);
      expect(body.message).toContain(`${field} must be a time such as "09:44 AM on 10 December`);
      expect(body).toMatchObject({ reason: 'invalid_request', data: null });
    },
  );

  it('calls of tools and their results reach the model, and a tool memory is a list of its own', async () => {
    const messages = [
      { role: 'user', content: 'Is it raining in Oslo?' },
      {
        role: 'assistant',
        tool_calls: [
          {
            id: 'c1',
            type: 'function',
            function: { name: 'get_weather', arguments: '{"c":"Oslo"}' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    ];

    const task = await memos.learnt({ user_id: 'tom', conversation_id: 't', messages });

    const asked = model.requests.flatMap(({ turns }) => turns).map((turn) => turn.messages);
    expect(asked.find((said) => said.some(({ role }) => role === 'tool'))).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: '[calls get_weather({"c":"Oslo"})]' },
      { role: 'tool', content: 'rain' },
    ]);
    expect(task.memory_views).toMatchObject({ tool_memory: { memory_ids: [expect.any(String)] } });
    const query = { user_id: 'tom', query: 'weather Oslo rain', relativity: 0 };
    const without = await memos.data('search/memory', query);
    const found = await memos.data('search/memory', { ...query, include_tool_memory: true });
    expect(without.tool_memory_detail_list).toEqual([]);
    expect(found.tool_memory_detail_list).toMatchObject([
      {
        tool_type: 'ToolTrajectoryMemory',
        tool_value: 'get_weather(Oslo) -> rain',
        experience: 'The city is enough as a location.',
      },
    ]);
  });

  it('unknown keys and ids in lists of one are accepted', async () => {
    const body = { ...saying('I like fog.'), user_id: ['ana'], source: 'cli', framework: 'x' };

    expect(
      await memos.added({ ...body, allow_public: false, allow_knowledgebase_ids: [] }),
    ).toMatchObject({ success: true });
  });
});

describe('get/status', () => {
  it('a failed task has its reason', async () => {
    const task = await memos.learnt(saying('FAIL', { user_id: 'sam' }));

    expect(task).toMatchObject({ status: 'failed', error: { message: expect.any(String) } });
    expect(task).not.toHaveProperty('memory_views');
  });

  it('a file that cannot be read fails its task with the reason, and the text beside it is remembered', async () => {
    const bad = { type: 'file', file: { file_data: 'JVBERi0xLjQKYnJva2Vu' } };
    const content = [{ type: 'text', text: 'I own a harp.' }, bad];

    const task = await memos.learnt({ user_id: 'pia', messages: [{ role: 'user', content }] });

    expect(task).toMatchObject({
      status: 'failed',
      error: { code: 'file_failed', message: expect.any(String), retryable: false },
    });
    const listed = await memos.data('get/memory', { user_id: 'pia' });
    expect(listed.memory_detail_list).toMatchObject([
      { memory_value: expect.stringContaining('I own a harp.') },
    ]);
  });

  it('a task that changed nothing is completed without views', async () => {
    const task = await memos.learnt(saying('How are you?', { user_id: 'nia' }));

    expect(task.status).toBe('completed');
    expect(task).not.toHaveProperty('memory_views');
  });

  it.each(['no-id', '0199f3c1-5a10-7c2e-8d4b-1f6a90b3c702'])(
    'the unknown task %s is error 50131',
    async (task_id) => {
      expect(await memos.call('get/status', { task_id })).toMatchObject({
        status: 404,
        body: { code: 50131, data: null, message: expect.any(String) },
      });
    },
  );

  it("a stranger's task is unknown", async () => {
    const { task_id } = await memos.added(saying('I like hail.'));
    const stranger = memosClient(await service.clientOf('other'));

    expect((await stranger.call('get/status', { task_id })).body.code).toBe(50131);
  });
});

describe('search/memory', () => {
  it('a conversation lifts its memories and filters none', async () => {
    for (const [conversation_id, text] of [
      ['a', 'User likes green tea.'],
      ['b', 'User likes green tea leaves.'],
    ]) {
      await memos.learnt(saying(String(text), { user_id: 'leo', conversation_id }));
    }
    const keysOf = async (conversation_id: string) => {
      const body = { user_id: 'leo', query: 'green tea', relativity: 0, conversation_id };
      const found = await memos.data('search/memory', body);
      return found.memory_detail_list.map(
        (item: { conversation_id: string }) => item.conversation_id,
      );
    };

    expect(await keysOf('a')).toEqual(['a', 'b']);
    expect(await keysOf('b')).toEqual(['b', 'a']);
  });

  it('memory_limit_number bounds the list, and include_memory_view selects lists', async () => {
    const query = { user_id: 'leo', query: 'green tea', relativity: 0 };

    const one = await memos.data('search/memory', { ...query, memory_limit_number: 1 });
    const none = await memos.data('search/memory', {
      ...query,
      include_memory_view: ['preference'],
    });

    expect(one.memory_detail_list).toHaveLength(1);
    expect(none.memory_detail_list).toEqual([]);
  });

  it('a relativity of 1 finds nothing', async () => {
    const found = await memos.search('green tea', { user_id: 'leo', relativity: 1 });

    expect(found.memory_detail_list).toEqual([]);
  });
});

describe('attachments', () => {
  it.each(['add/message', 'extract/memory'])('%s takes at most 50 of them', async (path) => {
    const content = (links: number) =>
      Array.from({ length: links }, () => ({ type: 'txt_url', txt_url: 'https://example.com/a' }));
    const messages = [20, 31].map((links) => ({ role: 'user', content: content(links) }));

    const answer = await memos.call(path, { user_id: 'ana', messages });

    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      field: 'messages',
      message: 'messages must not have more than 50 attachments.',
    });
  });
});
