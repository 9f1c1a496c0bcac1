import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService();
  for (const text of ['I like tea.', 'I like the tea house in Kyoto.']) {
    const { event_id } = (await service.client('POST /v3/memories/add/', { body: say(text) })).body;
    await finalEvent(service.client, event_id);
  }
});
afterAll(() => service.close());

const context = (query: string) => service.client(`GET /v1/context?${query}`);

describe('the context for a prompt', () => {
  it('has what a search finds, within the budget', async () => {
    const { status, body } = await context('query=tea&user_id=alice');

    expect(status).toBe(200);
    expect(body.context).toMatch(/^## \d{4}-\d\d-\d\d\n- .*tea/);
    expect(body).toMatchObject({ budget: 1_500, truncated: false });
    expect(body.memories).toHaveLength(2);
    expect(body.memories[0]).toMatchObject({ type: 'refined' });
    expect(body.tokens).toBeLessThan(100);
  });

  it('has what was said just now', async () => {
    await service.client('POST /v3/memories/add/', {
      body: { ...say('My locker is 4417.'), user_id: 'bob' },
    });

    const { body } = await context('query=locker&user_id=bob');

    expect(body.context).toContain('My locker is 4417.');
  });

  it('is empty if nothing is related', async () => {
    const { body } = await context('query=quantum+chromodynamics&user_id=alice&threshold=0.5');

    expect(body).toMatchObject({ context: '', tokens: 0, memories: [] });
  });

  it('names the day and the source of each memory', async () => {
    const { body } = await context('query=tea&user_id=alice');

    expect(body.memories).toContainEqual(
      expect.objectContaining({
        date: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        source_id: expect.stringMatching(/\.m0$/),
      }),
    );
  });

  it('is narrowed by filters, which may name the entity as well', async () => {
    const filters = (filter: object) => `filters=${encodeURIComponent(JSON.stringify(filter))}`;

    const [one, none, scoped] = [
      await context(`query=tea&user_id=alice&${filters({ created_at: { gte: '2000-01-01' } })}`),
      await context(`query=tea&user_id=alice&${filters({ created_at: { lt: '2000-01-01' } })}`),
      await context(`query=tea&${filters({ AND: [{ user_id: 'alice' }] })}`),
    ];

    expect([one, none, scoped].map(({ body }) => body.memories.length)).toEqual([2, 0, 2]);
  });

  it('is the same text for the same question', async () => {
    const query = 'query=tea&user_id=alice&diversity=0.5';

    const [first, second] = [await context(query), await context(query)];

    expect(second.body).toEqual(first.body);
  });

  it('shows nothing of another user or project', async () => {
    const stranger = await service.clientOf('stranger', ['read']);

    const [other, foreign] = [
      await context('query=tea&user_id=carol'),
      await stranger('GET /v1/context?query=tea&user_id=alice'),
    ];

    expect(other.body.memories).toEqual([]);
    expect(foreign.body.memories).toEqual([]);
  });

  it.each([
    ['user_id=alice', 'query'],
    ['query=+&user_id=alice', 'query'],
    ['query=tea', 'user_id'],
    ['query=tea&user_id=*', 'user_id'],
    ['query=tea&user_id=alice&budget=0', 'budget'],
    ['query=tea&user_id=alice&budget=1e9', 'budget'],
    ['query=tea&user_id=alice&budget=many', 'budget'],
    ['query=tea&user_id=alice&threshold=2', 'threshold'],
    ['query=tea&user_id=alice&threshold=', 'threshold'],
    ['query=tea&user_id=alice&diversity=2', 'diversity'],
    ['query=tea&user_id=alice&filters=tea', 'filters'],
    ['query=tea&user_id=alice&filters=%7B%22colour%22%3A1%7D', 'filters.colour'],
  ])('%s is refused', async (query, field) => {
    const { status, body } = await context(query);

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', field });
  });
});
