import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Embedder } from '../../shared/ports/embedder.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const store = async (content: string, options: object = {}): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content), infer: false, ...options },
  });
  return body.results[0].id;
};
const filters = { user_id: 'alice' };
const search = (fields: object, query = '') =>
  service.client(`POST /v3/memories/search/${query}`, {
    body: { query: 'tea', filters, ...fields },
  });
const textsOf = async (fields: object): Promise<string[]> =>
  (await search(fields)).body.results.map(({ memory }: { memory: string }) => memory);

describe('options without effect', () => {
  it('a search names the options that it ignores, in the answer and in a header', async () => {
    const { body, headers } = await search({ rerank: true, include_merged: true });

    expect(body.ignored).toEqual(['include_merged', 'rerank']);
    expect(headers.get('turnstone-ignored')).toBe('include_merged, rerank');
  });

  it('an option that is turned off is not named', async () => {
    const { body, headers } = await search({ rerank: false, include_merged: null });

    expect(body).toEqual({ results: [] });
    expect(headers.get('turnstone-ignored')).toBeNull();
  });

  it('a search that answers with a list names them in the header', async () => {
    const { body, headers } = await service.client('POST /v2/memories/search/', {
      body: { query: 'tea', filters, rerank: true },
    });

    expect(body).toEqual([]);
    expect(headers.get('turnstone-ignored')).toBe('rerank');
  });

  it('a list names what it ignores', async () => {
    const { body } = await service.client('POST /v3/memories/', {
      body: { filters, include_merged: true },
    });

    expect(body.ignored).toEqual(['include_merged']);
  });
});

describe('keyword_search', () => {
  const query = 'which brand of strong black tea does her grandmother prefer in winter?';
  const quiet = { query, include_messages: false, include_rough: false };
  /** No text has anything to do with a question. */
  const apart: Embedder = {
    model: 'apart',
    embed: async (texts) =>
      texts.map((text) => Float32Array.of(...(text.endsWith('?') ? [1, 0] : [0, 1]))),
  };
  beforeEach(async () => {
    await service.close();
    service = await openService({ embedder: apart });
  });

  it('a memory that shares a word with the query is a result, whatever its score', async () => {
    await store('The roses get water before tea.');
    await store('Cats sleep.');

    await expect.poll(() => textsOf(quiet)).toEqual([]);
    expect(await textsOf({ ...quiet, keyword_search: true })).toEqual([
      'The roses get water before tea.',
    ]);
  });

  it('a threshold of the request holds with keyword_search, too', async () => {
    await store('The roses get water before tea.');
    await store('Cats sleep.');

    const strict = { ...quiet, keyword_search: true, threshold: 0.1 };
    await expect.poll(() => textsOf(strict)).toEqual([]);
  });
});

describe('reference_date', () => {
  it('memories expire by the reference date', async () => {
    await store('The tea is in the jar.', { expiration_date: '2020-01-31' });

    expect(await textsOf({})).toEqual([]);
    expect(await textsOf({ reference_date: '2020-01-31' })).toHaveLength(1);
    expect(await textsOf({ reference_date: '2020-02-01' })).toEqual([]);
  });

  it('memories expire by the reference date in a search by metadata alone', async () => {
    await store('The tea is in the jar.', { expiration_date: '2020-01-31' });
    const byMetadata = { only_metadata_based_search: true };

    expect(await textsOf(byMetadata)).toEqual([]);
    expect(await textsOf({ ...byMetadata, reference_date: '2020-01-31' })).toHaveLength(1);
  });

  it('a relative date in the query finds what was said on that day', async () => {
    await store('Ana won the race.', { timestamp: Date.parse('2024-03-05') / 1_000 });
    await store('Bo lost a bet.', { timestamp: Date.parse('2023-06-20') / 1_000 });
    const query = 'what happened yesterday?';

    const [first] = await textsOf({ query, reference_date: '2024-03-06' });
    const [other] = await textsOf({ query, reference_date: '2023-06-21' });

    expect([first, other]).toEqual(['Ana won the race.', 'Bo lost a bet.']);
  });
});

it('without a reference date, relative dates are those of the present; dates in digits are read, too', async () => {
  const now = Date.now();
  await store('Ana won the race.', { timestamp: Math.floor(now / 1_000) - 86_400 });
  await store('Bo lost a bet.', { timestamp: Date.parse('2023-06-20') / 1_000 });

  const [first] = await textsOf({ query: 'what happened yesterday?' });
  const [other] = await textsOf({ query: 'what happened on 2023-06-20?' });

  expect([first, other]).toEqual(['Ana won the race.', 'Bo lost a bet.']);
});

describe('a search that is to be an event', () => {
  const searches = async () =>
    (await service.client('GET /v1/events/?event_type=SEARCH')).body.results;

  it.each([
    ['the query string', {}, '?event=true'],
    ['the body', { event: true }, ''],
  ])('a search is an event if %s says so', async (_, fields, query) => {
    await store('The tea is in the jar.');

    const { body } = await search({ ...fields, include_messages: false }, query);

    expect(await searches()).toMatchObject([
      {
        id: body.event_id,
        event_type: 'SEARCH',
        status: 'SUCCEEDED',
        user_id: 'alice',
        results: [],
        counts: { memories: 1, turns: 0 },
      },
    ]);
  });

  it('a search is no event by default', async () => {
    const { body } = await search({});

    expect(body).not.toHaveProperty('event_id');
    expect(await searches()).toEqual([]);
  });

  it('the event of a search has neither the query nor a text that was found', async () => {
    await store('The tea is in the jar.');
    await search({ query: 'which jar holds tea?' }, '?event=true');

    expect(JSON.stringify(await searches())).not.toMatch(/jar|tea/);
  });

  it('an event parameter that is no flag is rejected', async () => {
    const { status, body } = await search({}, '?event=perhaps');

    expect([status, body.field]).toEqual([400, 'event']);
  });
});

describe('delete_linked', () => {
  it('a deletion says how many earlier versions went with the memory', async () => {
    await service.close();
    service = await openService({
      languageModel: {
        name: 'replacing',
        quality: 'model',
        batch: { turns: 1, characters: 10_000 },
        probe: async () => ({ ok: true }),
        decide: async ({ turns, memories }) => ({
          ok: true,
          changes: [
            {
              turn: 0,
              text: turns[0]?.messages[0]?.content ?? '',
              ...(memories.length > 0
                ? { type: 'UPDATE', target: { memory: 0 } }
                : { type: 'ADD' }),
            },
          ],
          usage: { prompt: 1, completion: 1 },
        }),
      },
    });
    const say3 = async (content: string): Promise<string> => {
      const { body } = await service.client('POST /v3/memories/add/', {
        body: { ...say(content), async_mode: false },
      });
      return body.results[0].id;
    };
    const id = await say3('The tea is in the jar.');
    await say3('The tea is in the tin.');
    await say3('The tea is in the box.');

    const { body } = await service.client(`DELETE /v1/memories/${id}/?delete_linked=true`);

    expect(body).toEqual({ message: 'Memory deleted successfully!', cascade_count: 2 });
    expect((await service.client(`GET /v1/memories/${id}.v1`)).status).toBe(404);
  });

  it('the deletion of a memory without versions counts none, and of an unknown one is 404', async () => {
    const id = await store('The tea is in the jar.');
    const remove = () => service.client(`DELETE /v1/memories/${id}/?delete_linked=true`);

    const [first, again] = [await remove(), await remove()];

    expect(first.body.cascade_count).toBe(0);
    expect(again.status).toBe(404);
  });
});
