import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import type { LanguageModel, ProposedChange } from '../../shared/ports/language-model.ts';
import type { Store } from '../../shared/ports/store.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { plainEmbedder, plainLanguageModel } from '../support/fake-models.ts';
import { finalEvent, openService, type TestService } from '../support/in-memory-service.ts';

/** Dimension of common embedding models. */
const longEmbedder = {
  model: 'long-1536',
  embed: async (texts: readonly string[]) =>
    (await plainEmbedder.embed(texts)).map((vector) => {
      const long = new Float32Array(1_536);
      long.set(vector);
      return long;
    }),
};

/** Scripted model: adds the content of each message as a memory; `forget` makes it delete every memory it is shown. */
const wordyModel: LanguageModel = {
  ...plainLanguageModel,
  decide: async ({ turns, memories }) => ({
    ok: true,
    usage: { prompt: 1, completion: 1 },
    changes: turns.flatMap(({ messages }, turn): ProposedChange[] =>
      messages[0]?.content === 'forget'
        ? memories.map((_, memory) => ({ turn, type: 'DELETE', target: { memory } }))
        : messages.map(({ content }) => ({ turn, type: 'ADD', text: content })),
    ),
  }),
};

let store: Store;
let service: TestService;
beforeAll(async () => {
  store = createDynamoDbStore({
    ...(await openTable()),
    clock: systemClock,
    ids: createIds(systemClock),
  });
  service = await openService({ store, embedder: longEmbedder, languageModel: wordyModel });
});
afterAll(async () => {
  await service.close();
  await store.close();
});

const words = (characters: number, seed = 0): string => {
  const text: string[] = [];
  for (let length = 0, i = 0; length < characters; i++) {
    const word = `w${((i + 1) * (seed + 7_919)) % 9_973}`;
    text.push(word);
    length += word.length + 1;
  }
  return text.join(' ').slice(0, characters);
};

const ideographs = (count: number): string =>
  Array.from({ length: count }, (_, i) => String.fromCodePoint(0x4e00 + (i % 20_011))).join('');

const messagesOf = (count: number, characters: number) =>
  Array.from({ length: count }, (_, i) => ({ role: 'user', content: words(characters, i) }));

const add = (user: string, messages: unknown, rest: object = {}) =>
  service.client('POST /v3/memories/add', { body: { user_id: user, messages, ...rest } });

const list = async (user: string): Promise<{ memory: string }[]> => {
  const body = { filters: { user_id: user } };
  const found: { memory: string }[] = [];
  for (let page = 1; ; page++) {
    const path = `/v3/memories?page=${page}&page_size=200`;
    const answer = (await service.client(`POST ${path}`, { body })).body;
    found.push(...answer.results);
    if (answer.next === null) return found;
  }
};

const metadata = { note: 'm'.repeat(31_000) };

describe('a turn as large as one may be', () => {
  const word = { infer: false };
  it.each([
    ['of one message', [{ role: 'user', content: words(250_000) }], word],
    ['of one message without spaces', [{ role: 'user', content: ideographs(80_000) }], word],
    ['of a hundred messages', messagesOf(100, 2_400), word],
    ['of five hundred messages', messagesOf(500, 400), word],
    ['with metadata, which every memory carries', messagesOf(40, 5_000), { ...word, metadata }],
  ])(
    'a turn of maximal size (%s) is stored word for word',
    { timeout: 120_000 },
    async (name, messages, options) => {
      const { status, body } = await add(name, messages, options);
      const event = await finalEvent(service.client, body.event_id);
      const last =
        event.status === 'SUCCEEDED' ? event : await finalEvent(service.client, event.id);
      const kept = await list(name);

      const said = messages
        .map(({ content }) => content)
        .join('')
        .replaceAll(/\s/g, '');
      const found = kept
        .map(({ memory }) => memory)
        .join('')
        .replaceAll(/\s/g, '');
      expect(status).toBe(200);
      expect(last.status, JSON.stringify(last.error)).toBe('SUCCEEDED');
      expect(kept.length).toBeGreaterThanOrEqual(messages.length);
      expect(Math.max(...kept.map(({ memory }) => memory.length))).toBeLessThanOrEqual(6_000);
      expect(found).toHaveLength(said.length);
    },
  );

  it('a turn of maximal size is refined, however large the answer of the model is', {
    timeout: 120_000,
  }, async () => {
    const { body } = await add('inferred', messagesOf(40, 5_500), { metadata });
    const event = await finalEvent(service.client, body.event_id);

    expect(event.status, JSON.stringify(event.error)).toBe('SUCCEEDED');
    expect(event.results).toHaveLength(40);

    const forgotten = await add('inferred', [{ role: 'user', content: 'forget' }]);
    const forgetting = await finalEvent(service.client, forgotten.body.event_id);
    expect(forgetting.status, JSON.stringify(forgetting.error)).toBe('SUCCEEDED');
  });

  it('a larger turn is rejected with a readable error before anything is stored', async () => {
    const large = await add('larger', [{ role: 'user', content: words(270_000) }]);
    const many = await add('larger', messagesOf(501, 10), { infer: false });

    expect(large).toMatchObject({
      status: 413,
      body: { message: 'The turn is larger than 262 kB: split it into several.' },
    });
    expect(many).toMatchObject({ status: 400, body: { field: 'messages' } });
    expect(await list('larger')).toEqual([]);
  });
});

describe('a memory as large as one may be', () => {
  it('a memory of maximal size can be edited twice and its history has both texts', async () => {
    const { body } = await add('editor', [{ role: 'user', content: 'I like tea' }], { metadata });
    const event = await finalEvent(service.client, body.event_id);
    const id = event.results[0].id;

    for (const seed of [1, 2]) {
      const edit = { text: words(49_000, seed), metadata };
      expect((await service.client(`PUT /v1/memories/${id}`, { body: edit })).status).toBe(200);
    }
    const history = await service.client(`GET /v1/memories/${id}/history`);

    expect(history.body).toHaveLength(4);
  });
});

describe('listing', () => {
  it('a listing continues where an answer of the table ends at 1 MB', {
    timeout: 120_000,
  }, async () => {
    const { body } = await add('historian', [{ role: 'user', content: 'I like tea' }]);
    const event = await finalEvent(service.client, body.event_id);
    const id = event.results[0].id;

    for (let seed = 0; seed < 14; seed++)
      await service.client(`PUT /v1/memories/${id}`, { body: { text: words(49_000, seed) } });
    const history = await service.client(`GET /v1/memories/${id}/history`);

    expect(history.body).toHaveLength(16);
  });
});
