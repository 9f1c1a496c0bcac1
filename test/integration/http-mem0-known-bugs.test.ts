import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../shared/domain/errors.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import type { Store } from '../../shared/ports/store.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

/* Faults that users of other services reported. */

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const filters = { user_id: 'alice' };
const store = async (content: string, options: object = {}): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content), infer: false, ...options },
  });
  return body.results[0].id;
};
const listed = async (more: object): Promise<string[]> => {
  const { body } = await service.client('POST /v3/memories/', {
    body: { filters: { ...filters, ...more } },
  });
  return body.results.map(({ memory }: { memory: string }) => memory).toSorted();
};

describe('an error is no empty result', () => {
  const reads = [
    ['POST /v3/memories/search/', { query: 'tea', filters }],
    ['POST /v2/memories/search/', { query: 'tea', filters }],
    ['POST /v1/memories/search/', { query: 'tea', user_id: 'alice' }],
    ['POST /v3/memories/', { filters }],
    ['POST /v2/memories/', { filters }],
    ['GET /v1/memories/?user_id=alice', undefined],
    ['GET /v1/entities/', undefined],
    ['GET /v1/stats/', undefined],
  ] as const;

  it.each(reads)('%s is 503 while the store cannot be reached', async (route, body) => {
    const { store: inner, close } = createLocalPlatform({ path: ':memory:' });
    let isDown = false;
    const guarded =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        if (isDown) throw new RetryableError('store_unavailable', 'The store is down.');
        return call(...args);
      };
    const failing: Store = { ...inner, query: guarded(inner.query) };
    await service.close();
    service = await openService({ refines: false, store: failing });
    isDown = true;

    const answer = await service.client(route, body ? { body } : {});
    await close();

    expect([answer.status, answer.body.code]).toEqual([503, 'store_unavailable']);
  });

  it.each([
    ['an unknown field', { user_id: 'alice', colour: 'red' }],
    ['an unknown operator', { user_id: 'alice', created_at: { after: '2026-01-01' } }],
    ['no entity', { categories: { in: ['food'] } }],
  ])('a filter with %s is 400', async (_, given) => {
    const answer = await service.client('POST /v3/memories/', { body: { filters: given } });

    expect(answer.status).toBe(400);
  });
});

describe('every condition of a filter counts', () => {
  beforeEach(async () => {
    for (const n of [1, 2, 3, 4]) await store(`Memory ${n}.`, { metadata: { n, m: n % 2 } });
  });

  it('two operators on one key both count', async () => {
    expect(await listed({ metadata: { n: { gt: 1, lt: 4 } } })).toEqual(['Memory 2.', 'Memory 3.']);
  });

  it('two conditions on one key of AND both count', async () => {
    const both = { AND: [{ metadata: { n: { gt: 1 } } }, { metadata: { n: { lt: 4 } } }] };

    expect(await listed(both)).toEqual(['Memory 2.', 'Memory 3.']);
  });

  it('OR beside AND counts', async () => {
    const beside = {
      AND: [{ metadata: { m: 0 } }],
      OR: [{ metadata: { n: 1 } }, { metadata: { n: 2 } }],
    };

    expect(await listed(beside)).toEqual(['Memory 2.']);
  });

  it('a key in both of its forms counts twice', async () => {
    await store('Of bob.', { user_id: 'bob' });

    expect(await listed({ userId: 'bob' })).toEqual([]);
  });
});

describe('what was said just now is found', () => {
  it.each([
    ['POST /v3/memories/search/', {}],
    ['POST /v2/memories/search/', {}],
    ['POST /v1/memories/search/', { user_id: 'alice', filters: undefined }],
  ])('the default threshold of %s hides no rough memory', async (route, more) => {
    await service.close();
    service = await openService({ refines: false });
    await service.client('POST /v1/turns', { body: say('I like tea.') });

    const { body } = await service.client(route, {
      body: { query: 'anything at all?', filters, ...more },
    });

    expect(body.results ?? body).toMatchObject([{ type: 'rough' }]);
  });
});

describe('identical concurrent adds', () => {
  it.each([
    ['refined', {}],
    ['kept word for word', { infer: false }],
  ])('equal adds at the same time that are %s become one memory', async (_, options) => {
    const body = { ...say('I like tea.'), ...options };

    const answers = await Promise.all(
      Array.from({ length: 8 }, () => service.client('POST /v3/memories/add/', { body })),
    );

    const events = new Set(answers.map((answer) => answer.body.event_id));
    for (const event of events) await finalEvent(service.client, event);
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(events.size).toBe(1);
    expect(await listed({})).toHaveLength(1);
  });
});

describe('no entry of an answer is null', () => {
  it('searches and lists during deletions have whole entries alone', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 12; n++) ids.push(await store(`I like tea number ${n}.`));
    const reads = async () => {
      const found = await service.client('POST /v3/memories/search/', {
        body: { query: 'tea', filters, top_k: 50 },
      });
      const all = await service.client('POST /v3/memories/', { body: { filters } });
      return [...found.body.results, ...all.body.results];
    };

    const [entries] = await Promise.all([
      Promise.all(Array.from({ length: 6 }, reads)),
      ...ids.map((id) => service.client(`DELETE /v1/memories/${id}/`)),
    ]);

    for (const entry of [...entries.flat(), ...(await reads())])
      expect(entry).toMatchObject({ id: expect.any(String), memory: expect.stringMatching(/tea/) });
  });

  it('the results of every event are whole', async () => {
    const { body } = await service.client('POST /v1/turns', { body: say('How are you?') });
    await finalEvent(service.client, body.event_id);
    const id = await store('I like tea.');
    await service.client(`DELETE /v1/memories/${id}/`);

    const { results } = (await service.client('GET /v1/events/')).body;

    const entries = results.flatMap((event: { results: object[] }) => event.results);
    expect(entries.map((entry: { event: string }) => entry.event)).toEqual([
      'DELETE',
      'ADD',
      'NONE',
    ]);
  });
});
