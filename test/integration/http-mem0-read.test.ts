import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, openService, say, type TestService } from '../support/in-memory-service.ts';

const texts = ({ body }: Answer): string[] =>
  (body.results ?? body).map(({ memory }: { memory: string }) => memory);

describe('stored memories', () => {
  let service: TestService;
  const store = async (content: string, options: object) =>
    (
      await service.client('POST /v3/memories/add/', {
        body: { messages: [{ role: 'user', content }], infer: false, ...options },
      })
    ).body.results[0].id as string;
  const ids: string[] = [];

  beforeAll(async () => {
    service = await openService();
    ids.push(
      await store('green tea is lovely', {
        user_id: 'ann',
        run_id: 'r1',
        metadata: { kind: 'drink' },
        timestamp: 1_700_000_000,
      }),
      await store('cats sleep a lot', { user_id: 'ann', run_id: 'r2', timestamp: 1_710_000_000 }),
      await store('bob climbs mountains', { user_id: 'bob', agent_id: 'guide' }),
    );
  });
  afterAll(() => service.close());

  const search = (body: object, version = 'v3') =>
    service.client(`POST /${version}/memories/search/`, { body });
  const list = (body: object, query = '', version = 'v3') =>
    service.client(`POST /${version}/memories/${query}`, { body });
  const ann = { user_id: 'ann' };

  it('a memory is found with its score', async () => {
    const { body } = await search({ query: 'green tea', filters: ann });

    expect(body.results[0]).toEqual({
      id: ids[0],
      memory: 'green tea is lovely',
      user_id: 'ann',
      agent_id: null,
      app_id: null,
      run_id: 'r1',
      session_id: 'r1',
      metadata: { kind: 'drink' },
      categories: ['food'],
      created_at: '2023-11-14T22:13:20.000Z',
      updated_at: expect.any(String),
      expiration_date: null,
      type: 'refined',
      kind: 'fact',
      actor: 'user',
      score: expect.any(Number),
      score_breakdown: {
        semantic: expect.any(Number),
        bm25: expect.any(Number),
        entity: 0,
        coverage: 1,
        identifiers: 0,
        rare_words: expect.any(Number),
        context: expect.any(Number),
      },
    });
    expect(body.results[0].score).toBeGreaterThan(0.1);
    expect(body.results[0].score).toBeLessThanOrEqual(1);
  });

  it('a memory is found by every kind of filter, in search and list', async () => {
    const kept = async (filters: object) => {
      const found = texts(await search({ query: 'tea cats mountains', filters, threshold: 0 }));
      const listed = texts(await list({ filters }));
      expect(found.toSorted()).toEqual(listed.toSorted());
      return listed.length;
    };

    expect(await kept({ OR: [{ user_id: 'ann' }, { user_id: 'bob' }] })).toBe(3);
    expect(await kept({ AND: [{ user_id: 'ann' }, { run_id: 'r2' }] })).toBe(1);
    expect(await kept({ user_id: '*' })).toBe(3);
    expect(await kept({ agentId: '*' })).toBe(1);
    expect(await kept({ user_id: 'ann', NOT: { run_id: 'r2' } })).toBe(1);
    expect(await kept({ user_id: 'ann', metadata: { kind: 'drink' } })).toBe(1);
    expect(await kept({ user_id: 'ann', metadata: { kind: { ne: 'drink' } } })).toBe(1);
    expect(await kept({ user_id: 'ann', created_at: { gte: '2024-01-01' } })).toBe(1);
    expect(await kept({ user_id: 'ann', keywords: { icontains: 'CATS' } })).toBe(1);
    expect(await kept({ user_id: 'ann', memory_ids: [ids[0], ids[2]] })).toBe(1);
    expect(await kept({ user_id: 'nobody' })).toBe(0);
  });

  it('memories are listed newest first, with all their fields', async () => {
    const { body } = await list({ filters: ann });

    expect(body).toMatchObject({ count: 2, next: null, previous: null });
    expect(body.results.map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[0]]);
    expect(body.results[1]).toMatchObject({
      id: ids[0],
      memory: 'green tea is lovely',
      structured_attributes: { year: 2023, month: 11, day: 14, day_of_week: 'tuesday' },
      replaced_by: null,
      synthesized: false,
      lifecycle_state: 'active',
      immutable: false,
    });
  });

  it('memories are listed in pages that link to each other', async () => {
    const first = await list({ filters: ann }, '?page=1&page_size=1');
    const second = await list({ filters: ann, page: 9, page_size: 1 }, '?page=2');

    expect(first.body).toMatchObject({
      count: 2,
      next: '/v3/memories/?page=2&page_size=1',
      previous: null,
    });
    expect(second.body).toMatchObject({
      count: 2,
      next: null,
      previous: '/v3/memories/?page=1&page_size=1',
    });
    expect([...texts(first), ...texts(second)]).toHaveLength(2);
    expect((await list({ filters: ann }, '?page=3&page_size=1')).status).toBe(404);
  });

  it('a list is narrowed by fields besides the filters', async () => {
    expect(texts(await list({ filters: ann, start_date: '2024-01-01' }))).toHaveLength(1);
    expect(texts(await list({ filters: ann, end_date: '2023-11-14' }))).toHaveLength(1);
    expect(texts(await list({ filters: ann, keywords: 'sleep' }))).toHaveLength(1);
    expect(texts(await list({ filters: ann, categories: ['none'] }))).toHaveLength(0);
    expect(
      texts(await search({ query: 'tea', filters: ann, metadata: { kind: 'x' }, categories: [] })),
    ).toHaveLength(0);
    for (const field of ['start_date', 'end_date'])
      expect(await list({ filters: ann, [field]: 'soon' })).toMatchObject({
        status: 400,
        body: { field },
      });
  });

  it('a memory has only the requested fields', async () => {
    const found = await search({
      query: 'tea',
      filters: ann,
      top_k: 1,
      fields: ['memory', 'createdAt'],
    });

    expect(Object.keys(found.body.results[0]).toSorted()).toEqual(['created_at', 'id', 'memory']);
  });

  it('an older client finds memories as a plain list', async () => {
    const v2 = await search({ query: 'green tea', filters: ann, top_k: 1 }, 'v2');
    const v1 = await search({ query: 'green tea', user_id: 'ann', limit: 1 }, 'v1');
    const wrapped = await search(
      { query: 'tea', user_id: 'ann', limit: 1, output_format: 'v1.1' },
      'v1',
    );

    expect(v2.body).toMatchObject([{ id: ids[0] }]);
    expect(v1.body).toMatchObject([{ id: ids[0] }]);
    expect(wrapped.body).toMatchObject({ results: [{ id: ids[0] }], relations: [] });
    expect((await search({ query: 'tea' }, 'v1')).status).toBe(400);
  });

  it('an older client lists memories as a plain list unless it asks for a page', async () => {
    const get = (query: string) => service.client(`GET /v1/memories/?${query}`);

    expect(texts(await list({ filters: ann }, '?page=1&page_size=1', 'v2'))).toHaveLength(1);
    expect((await get('user_id=ann&org_id=o&project_id=p')).body).toHaveLength(2);
    expect((await get('user_id=ann&limit=1')).body).toHaveLength(1);
    expect((await get('user_id=ann&page=2&page_size=1')).body).toMatchObject({
      count: 2,
      next: null,
    });
    expect((await get('user_id=ann&fields=memory,id&fields=createdAt')).body[0]).toEqual({
      id: ids[1],
      memory: 'cats sleep a lot',
      created_at: expect.any(String),
    });
    expect((await get('user_id=ann&keywords=sleep')).body).toHaveLength(1);
    expect((await get('page=1')).body.error).toBe(
      'One of the filters: app_id, user_id, agent_id, run_id is required!',
    );
    expect((await get('user_id=ann&limit=500')).body.error).toBe('limit must be <= 200.');
  });

  it('a memory is returned by its id, and an unknown id is 404', async () => {
    const found = await service.client(`GET /v1/memories/${ids[2]?.toUpperCase()}/`);

    expect(found.body).toMatchObject({ id: ids[2], user_id: 'bob', agent_id: 'guide' });
  });
});

describe('new turns', () => {
  let service: TestService;
  afterEach(() => service.close());
  const filters = { user_id: 'alice' };

  it('a new turn is found at once, marked as rough, and by its own id', async () => {
    service = await openService({ refines: false });
    const added = await service.client('POST /v3/memories/add/', { body: say('I like tea') });
    const rough = {
      memory: 'user: I like tea',
      type: 'rough',
      stage: 'pending',
      event_id: added.body.event_id,
      user_id: 'alice',
    };

    const found = await service.client('POST /v3/memories/search/', {
      body: { query: 'what do I drink', filters },
    });
    const listed = await service.client('POST /v3/memories/', { body: { filters } });
    const got = await service.client(`GET /v1/memories/${listed.body.results[0].id}/`);

    expect(found.body.results).toMatchObject([rough]);
    expect(listed.body.results).toMatchObject([rough]);
    expect(got.body).toMatchObject(rough);
  });

  it('a turn is never found twice or missing while it is refined', async () => {
    service = await openService({ refines: false });
    const added = await service.client('POST /v1/turns', { body: say('I like tea') });
    service.refine();
    const seen = new Set<string>();

    for (const end = Date.now() + 20_000; Date.now() < end && !seen.has('refined'); ) {
      const listed = await service.client('POST /v3/memories/', { body: { filters } });
      const found = await service.client('POST /v3/memories/search/', {
        body: { query: 'tea', filters },
      });
      expect([listed.body.results.length, found.body.results.length]).toEqual([1, 1]);
      seen.add(listed.body.results[0].type);
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(seen).toContain('refined');
    const got = await service.client(`GET /v1/memories/${added.body.turn_id}/`);
    expect(got.body).toMatchObject({ type: 'refined', memory: 'Learnt: I like tea' });
  });
});
