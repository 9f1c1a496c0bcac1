import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const unknownId = '01990000-0000-7000-8000-000000000000';

describe('searches and lists', () => {
  it.each([
    ['no query', { filters: { user_id: 'a' } }, 'query is required.'],
    ['an empty query', { query: '', filters: { user_id: 'a' } }, 'query must not be blank.'],
    ['a blank query', { query: ' \n ', filters: { user_id: 'a' } }, 'query must not be blank.'],
    ['no filters', { query: 'x' }, 'Filters are required and cannot be empty'],
    ['empty filters', { query: 'x', filters: {} }, 'Filters are required and cannot be empty'],
    [
      'filters without an owner',
      { query: 'x', filters: { categories: ['a'] } },
      'filters must restrict',
    ],
    ['filters that are no object', { query: 'x', filters: 'a' }, 'filters must be an object.'],
    [
      'ids beside the filters',
      { query: 'x', userId: 'a', filters: { user_id: 'a' } },
      'Top-level entity parameters [userId] are not supported here. Use filters: {"user_id": "..."} instead.',
    ],
    [
      'too many results',
      { query: 'x', filters: { user_id: 'a' }, top_k: 1_001 },
      'top_k must be at',
    ],
    ['no results', { query: 'x', filters: { user_id: 'a' }, top_k: 0 }, 'top_k must be a whole'],
    [
      'a high threshold',
      { query: 'x', filters: { user_id: 'a' }, threshold: 2 },
      'threshold must be',
    ],
    [
      'an endless query',
      { query: 'x'.repeat(50_001), filters: { user_id: 'a' } },
      'query must be at most 50000 characters long.',
    ],
    [
      'a null character',
      { query: 'a\u0000', filters: { user_id: 'a' } },
      'query must not contain a',
    ],
  ])('a search with %s is answered with 400', async (_, body, sentence) => {
    const answer = await service.client('POST /v3/memories/search/', { body });

    expect(answer.status).toBe(400);
    expect(answer.body.detail).toContain(sentence);
  });

  it.each(['page=0', 'page=-1', 'page=x', 'page=1.5', 'page_size=0', 'page_size=-5'])(
    'a list with %s is answered with 400',
    async (query) => {
      const body = { filters: { user_id: 'a' } };

      const answer = await service.client(`POST /v3/memories/?${query}`, { body });

      expect(answer.status).toBe(400);
      expect(answer.body.detail).toMatch(/^page(_size)? must be a whole number of 1 or more\.$/);
    },
  );

  it('an empty list of filters is answered with 400, a page after the last one with 404', async () => {
    const [unscoped, beyond] = [
      await service.client('POST /v3/memories/', { body: {} }),
      await service.client('POST /v3/memories/?page=7', { body: { filters: { user_id: 'a' } } }),
    ];

    expect(unscoped.status).toBe(400);
    expect(beyond).toMatchObject({ status: 404, body: { detail: 'Invalid page.' } });
  });

  it.each(['wait=soon', 'wait=-1'])('an event with %s is answered with 400', async (query) => {
    expect((await service.client(`GET /v1/events/${unknownId}?${query}`)).status).toBe(400);
  });
});
