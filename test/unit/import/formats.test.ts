import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecords } from '../../../functions/cli/import/records.ts';
import { turnsOf } from '../../../functions/cli/import/turns.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import chatGpt from './chatgpt.json' with { type: 'json' };

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const read = (content: unknown, ids = {}, idField?: string) => {
  const file = join(folder.path, 'export.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return turnsOf(readRecords(file), { ids, idField });
};
const bodies = (...args: Parameters<typeof read>) => read(...args).turns.map(({ body }) => body);
const ana = { user_id: 'ana' };
const said = (role: string, content: string) => ({ role, content });

// chatgpt.json has a regenerated answer: `a2` is shown, `a2-old` is not.
describe('conversations', () => {
  it('an exchange of ChatGPT is a turn with its time; hidden, tool and regenerated messages are left out', () => {
    expect(bodies([chatGpt], ana)).toEqual([
      {
        messages: [said('user', 'I am vegetarian.'), said('assistant', 'Noted.')],
        user_id: 'ana',
        run_id: 'c-1',
        metadata: {},
        timestamp: '2023-11-14T22:13:21.000Z',
        dedupe: false,
      },
      {
        messages: [said('user', 'What is this?'), said('assistant', 'Tofu.')],
        user_id: 'ana',
        run_id: 'c-1',
        metadata: {},
        timestamp: '2023-11-14T22:13:24.000Z',
        dedupe: false,
      },
    ]);
  });

  it('an exchange of Claude is a turn, whose human is the user', () => {
    const conversation = {
      uuid: 'u-1',
      name: 'Trip',
      created_at: '2025-05-01T10:00:00Z',
      chat_messages: [
        {
          sender: 'human',
          text: 'I fly to Rome.',
          content: [{ type: 'text', text: 'I fly to Rome.' }],
          created_at: '2025-05-01T10:00:01Z',
        },
        {
          sender: 'assistant',
          text: '',
          content: [
            { type: 'thinking', thinking: 'x' },
            { type: 'text', text: 'Enjoy!' },
          ],
          created_at: '2025-05-01T10:00:05Z',
        },
      ],
    };

    expect(bodies([conversation], ana)).toEqual([
      expect.objectContaining({
        messages: [said('user', 'I fly to Rome.'), said('assistant', 'Enjoy!')],
        run_id: 'u-1',
        timestamp: '2025-05-01T10:00:01.000Z',
      }),
    ]);
  });

  it('messages of a session of Zep keep the name of their speaker', () => {
    const session = {
      messages: [
        { role_type: 'user', role: 'Ana', content: 'I moved to Lima.', created_at: '2025-01-02' },
        { role_type: 'assistant', role: 'assistant', content: 'Nice.', created_at: '2025-01-02' },
      ],
      facts: ['Ana moved to Lima.'],
    };

    expect(bodies(session, ana).map(({ messages }) => messages)).toEqual([
      [{ role: 'user', name: 'Ana', content: 'I moved to Lima.' }, said('assistant', 'Nice.')],
      [said('user', 'Ana moved to Lima.')],
    ]);
  });

  it('conversations are added oldest first, whatever their order in the file', () => {
    const at = (created_at: string) => ({
      created_at,
      chat_messages: [{ sender: 'human', text: created_at, created_at }],
    });

    expect(
      bodies([at('2025-03-01'), at('2025-01-01'), at('2025-02-01')], ana).map(
        ({ timestamp }) => timestamp,
      ),
    ).toEqual(['2025-01-01', '2025-02-01', '2025-03-01'].map((day) => `${day}T00:00:00.000Z`));
  });

  it('a text of 300,000 characters becomes turns of at most 100,000, none of it lost', () => {
    const whole = '👋'.repeat(150_000);
    const turns = bodies({ messages: [said('user', whole)] }, ana);
    const texts = turns.map(({ messages }) =>
      (messages as { content: string }[]).map(({ content }) => content).join(''),
    );

    expect(texts.join('')).toBe(whole);
    expect(Math.max(...texts.map((text) => text.length))).toBeLessThanOrEqual(100_000);
  });

  it('a body of POST /v1/turns names its own ids, metadata and time', () => {
    const line = {
      messages: [said('user', 'Hi')],
      agent_id: 'bot',
      metadata: { a: 1 },
      timestamp: 1_700_000_000,
      infer: false,
    };

    expect(bodies(`${JSON.stringify(line)}\n\n`, ana)).toEqual([
      {
        messages: [said('user', 'Hi')],
        agent_id: 'bot',
        metadata: { a: 1 },
        timestamp: '2023-11-14T22:13:20.000Z',
        infer: false,
        async: true,
        dedupe: false,
      },
    ]);
  });
});

describe('memories', () => {
  it.each([
    [
      'a page of get_all of mem0',
      {
        count: 1,
        results: [
          {
            id: 'm-1',
            memory: 'Likes tea.',
            user_id: 'bo',
            metadata: { a: 1 },
            created_at: '2025-01-01T00:00:00-08:00',
          },
        ],
      },
      { user_id: 'bo', metadata: { a: 1, was: 'm-1' }, timestamp: '2025-01-01T08:00:00.000Z' },
    ],
    [
      'get/memory of MemOS',
      {
        code: 0,
        data: {
          memory_detail_list: [
            {
              id: 'm-1',
              memory_key: 'Tea',
              memory_value: 'Likes tea.',
              create_time: 1_735_718_400_000,
              conversation_id: 'default_session',
              status: 'activated',
              tags: ['food'],
              info: { biz: 'x' },
            },
          ],
        },
      },
      {
        user_id: 'ana',
        metadata: { biz: 'x', tags: ['food'], was: 'm-1' },
        timestamp: '2025-01-01T08:00:00.000Z',
      },
    ],
    [
      'facts of a graph of Zep',
      { edges: [{ uuid: 'm-1', fact: 'Likes tea.', valid_at: '2025-01-01T08:00:00Z' }] },
      { user_id: 'ana', metadata: { was: 'm-1' }, timestamp: '2025-01-01T08:00:00.000Z' },
    ],
    [
      'documents of supermemory',
      {
        memories: [
          {
            id: 'm-1',
            content: 'Likes tea.',
            containerTags: ['bo'],
            metadata: null,
            createdAt: '2025-01-01T08:00:00Z',
          },
        ],
        pagination: { totalPages: 1 },
      },
      { user_id: 'bo', metadata: { was: 'm-1' }, timestamp: '2025-01-01T08:00:00.000Z' },
    ],
  ])('a memory is kept word for word with its ids, metadata and time: %s', (_, file, expected) => {
    expect(bodies(file, ana, 'was')).toEqual([
      {
        messages: [said('user', 'Likes tea.')],
        infer: false,
        async: true,
        dedupe: false,
        ...expected,
      },
    ]);
  });

  it('what is no longer true, not refined or not understood is left out and counted by its reason', () => {
    const { turns, skipped } = read(
      [
        { memory: 'Lives in Oslo.', lifecycle_state: 'superseded' },
        { fact: 'Has a cat.', invalid_at: '2025-01-01' },
        { memory: 'hello', type: 'rough' },
        { memory: '  ' },
        { tool_value: 'A -> B' },
        { mapping: {} },
      ],
      ana,
    );

    expect(turns).toEqual([]);
    expect([...skipped]).toEqual([
      ['a memory that is no longer true', 2],
      ['a turn that was not refined yet', 1],
      ['a memory without a text', 1],
      ['a record of an unknown form', 1],
      ['a conversation without texts', 1],
    ]);
  });

  it('a list of texts is a list of memories', () => {
    expect(bodies(['Likes tea.'], ana)).toEqual([expect.objectContaining({ infer: false })]);
  });
});

describe('keys', () => {
  it('equal memories of a file have keys of their own, the same in every run', () => {
    const keys = () => read(['a', 'a', 'b'], ana).turns.map(({ key }) => key);

    expect(new Set(keys()).size).toBe(3);
    expect(keys()).toEqual(keys());
  });
});

describe('files that cannot be imported', () => {
  it.each([
    ['{"memory": "a"}\nnope', 'line 2 is not valid'],
    ['[]', 'has no memories, turns or conversations'],
    ['', 'has no memories, turns or conversations'],
  ])('a file without records is refused in one sentence: %j', (content, sentence) => {
    expect(() => read(content, ana)).toThrow(sentence);
  });

  it('memories without a user need one', () => {
    expect(() => read(['a'])).toThrow('give one with --user');
  });
});
