import { afterEach, describe, expect, it } from 'vitest';
import type { LanguageModel } from '../../shared/ports/language-model.ts';
import { plainLanguageModel } from '../support/fake-models.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
afterEach(() => service.close());

const filters = { user_id: 'alice' };
const add = async (content: string, options: object = {}) =>
  service.client('POST /v3/memories/add/', { body: { ...say(content), ...options } });
const reads: [string, (options: object) => Promise<string[]>][] = [
  ['search', (options) => textsOf('search/', { query: 'where is the tea', ...options })],
  ['list', (options) => textsOf('', options)],
];
const textsOf = async (path: string, options: object): Promise<string[]> => {
  const { status, body } = await service.client(`POST /v3/memories/${path}`, {
    body: { filters, ...options },
  });
  expect(status).toBe(200);
  return body.results.map(({ memory }: { memory: string }) => memory);
};

/** Model that replaces the memory it is shown by what is said next. */
const replacing: LanguageModel = {
  ...plainLanguageModel,
  decide: async ({ turns, memories }) => ({
    ok: true,
    changes: turns.map(({ messages }, turn) => ({
      turn,
      text: messages[0]?.content ?? '',
      ...(memories.length > 0
        ? { type: 'UPDATE' as const, target: { memory: 0 } }
        : { type: 'ADD' as const }),
    })),
    usage: { prompt: 1, completion: 1 },
  }),
};

describe('which memories a read shows', () => {
  it.each(reads)('a %s with include_rough false leaves out turns that wait', async (_, read) => {
    service = await openService({ refines: false });
    await add('The tea is in the jar.');

    expect(await read({})).toEqual(['user: The tea is in the jar.']);
    expect(await read({ include_rough: false })).toEqual([]);
    expect(await read({ include_rough: 'false' })).toEqual([]);
  });

  it.each(reads)('a %s with include_rough false keeps memories', async (_, read) => {
    service = await openService();
    await add('The tea is in the jar.', { infer: false });

    expect(await read({ include_rough: false })).toEqual(['The tea is in the jar.']);
  });

  it.each(reads)('a %s with show_expired finds memories past their date', async (_, read) => {
    service = await openService();
    await add('The tea is in the jar.', { infer: false, expiration_date: '2026-01-01' });

    expect(await read({})).toEqual([]);
    expect(await read({ show_expired: true })).toHaveLength(1);
    expect(await read({ include_expired: true })).toHaveLength(1);
    expect(await read({ include_expired: true, show_expired: false })).toEqual([]);
  });

  it.each(reads)(
    'a %s shows superseded memories with latest_only false, and none with true',
    async (_, read) => {
      service = await openService({ languageModel: replacing });
      for (const text of ['The tea is in the jar.', 'The tea is in the tin.'])
        await add(text, { async_mode: false });
      const past = { query: 'where was the tea before?', include_messages: false };

      expect((await read({ ...past, latest_only: false })).toSorted()).toEqual([
        'The tea is in the jar.',
        'The tea is in the tin.',
      ]);
      expect(await read({ ...past, latest_only: true })).toEqual(['The tea is in the tin.']);
    },
  );

  it('a search by metadata alone does not compare the query', async () => {
    service = await openService();
    await add('The tea is in the jar.', { infer: false, metadata: { place: 'kitchen' } });
    await add('Cats sleep.', { infer: false, metadata: { place: 'kitchen' } });
    await add('Dogs bark.', { infer: false, metadata: { place: 'yard' } });
    const search = {
      query: 'jar',
      metadata: { place: 'kitchen' },
      only_metadata_based_search: true,
    };

    expect(await textsOf('search/', search)).toEqual(['Cats sleep.', 'The tea is in the jar.']);
    expect(await textsOf('search/', { ...search, top_k: 1 })).toEqual(['Cats sleep.']);
  });

  it('options of ranking that this service does not need are taken', async () => {
    service = await openService();
    await add('The tea is in the jar.', { infer: false });
    const taken = {
      rerank: true,
      keyword_search: true,
      reference_date: 1_780_000_000,
      include_merged: true,
    };

    expect(await textsOf('search/', { query: 'tea', ...taken })).toHaveLength(1);
    expect(await textsOf('', taken)).toHaveLength(1);
  });

  it.each([
    ['rerank', 'much'],
    ['latest_only', 3],
    ['include_rough', 'maybe'],
    ['reference_date', 'soon'],
    ['only_metadata_based_search', []],
  ])('a search with an invalid %s is rejected', async (field, value) => {
    service = await openService({ refines: false });
    const body = { query: 'tea', filters, [field]: value };

    const answer = await service.client('POST /v3/memories/search/', { body });

    expect(answer).toMatchObject({ status: 400, body: { field } });
  });
});

describe('an older list', () => {
  const get = (query: string) => service.client(`GET /v1/memories/?user_id=alice&${query}`);

  it('an older list is narrowed by metadata as JSON', async () => {
    service = await openService();
    await add('In Rome.', { infer: false, metadata: { at: { lat: 1, lon: 2 } } });
    await add('In Oslo.', { infer: false, metadata: { at: { lat: 9, lon: 2 } } });

    const { body } = await get(`metadata=${encodeURIComponent('{"at":{"lon":2,"lat":1}}')}`);
    const refused = await get('metadata=Rome');

    expect(body).toMatchObject([{ memory: 'In Rome.' }]);
    expect(refused.body.detail).toBe('metadata must be a JSON object.');
  });

  it.each([
    ['GET /v1/memories/?user_id=alice&page_size=201', undefined],
    ['POST /v2/memories/?page_size=201', { filters }],
    ['POST /v2/memories/', { filters, page_size: 201 }],
  ])('%s, whose answer cannot say that it was cut, is rejected', async (route, body) => {
    service = await openService({ refines: false });

    const answer = await service.client(route, { body });

    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('page_size must be <= 200.');
  });

  it.each([
    ['GET /v1/memories/?user_id=alice&page=1&page_size=201', undefined],
    ['POST /v3/memories/?page_size=201', { filters }],
  ])('%s answers with the size of its page', async (route, body) => {
    service = await openService({ refines: false });

    expect((await service.client(route, { body })).body).toMatchObject({
      count: 0,
      page_size: 200,
    });
  });
});
