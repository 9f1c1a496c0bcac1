import { expect } from 'vitest';
import { type Check, newId, say, until } from './check.ts';
import { finalEvent, type PublishedMem0 } from './published-mem0.ts';

/** Keeps texts word for word, and returns the ids of their memories. */
export const keep = async (
  client: PublishedMem0,
  userId: string,
  ...texts: string[]
): Promise<string[]> => {
  const added = await client.add(texts.flatMap(say), { userId, infer: false });
  const { results } = added.results ? added : await finalEvent(client, added.eventId);
  return results.map(({ id }: { id: string }) => id);
};

/** Keeps one text, and returns the id of its memory. */
export const keepOne = async (
  client: PublishedMem0,
  userId: string,
  text: string,
): Promise<string> => (await keep(client, userId, text))[0] ?? '';

/** Methods of the 3.x client for memories, with the options of its published types. */
export const memoryChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'ping',
    route: 'GET /v1/ping',
    async run(client) {
      const answer = await client.ping();

      expect(answer).toBeUndefined();
      expect(client.organizationId).toEqual(expect.any(String));
      expect(client.projectId).toEqual(expect.any(String));
    },
  },
  {
    method: 'add',
    route: 'POST /v3/memories/add',
    async run(client) {
      const owner = {
        userId: newId('ada'),
        agentId: newId('guide'),
        appId: 'trips',
        runId: newId('r'),
      };
      // Version 3.0 converts the keys of metadata, so these have one word.
      const metadata = { rank: 1, inner: { list: [2] } };
      const messages = [...say('I live in Lisbon.'), { role: 'assistant', content: 'Noted.' }];
      const options = {
        customCategories: [{ placesAndTrips: 'Where' }],
        customInstructions: 'Places.',
      };

      const added = await client.add(messages, {
        ...owner,
        ...options,
        metadata,
        infer: false,
        timestamp: 1_700_000_000,
        structuredDataSchema: { fooBar: { type: 'string' } },
      });
      const stored = await client.get(added.results[0].id);

      expect(added).toMatchObject({
        status: 'SUCCEEDED',
        eventId: expect.any(String),
        results: [
          { event: 'ADD', memory: 'I live in Lisbon.', data: { memory: 'I live in Lisbon.' } },
          { event: 'ADD', memory: 'Noted.' },
        ],
      });
      expect(stored).toMatchObject({ ...owner, sessionId: owner.runId, metadata });
    },
  },
  {
    method: 'add (infer)',
    route: 'POST /v3/memories/add',
    async run(client) {
      const filters = { user_id: newId('bob') };

      const added = await client.add(say('I moved to Porto.'), { userId: filters.user_id });
      const atOnce = await client.search('Where does he live?', { filters });
      const refined = await until(
        () => client.getAll({ filters }),
        ({ results }) => results[0]?.type === 'refined',
      );

      expect(added).toMatchObject({ status: 'PENDING', eventId: expect.any(String) });
      expect(atOnce.results[0].memory).toContain('Porto');
      expect(refined.results[0].memory).toContain('Porto');
    },
  },
  {
    method: 'get',
    route: 'GET /v1/memories/:id',
    async run(client) {
      const userId = newId('cleo');
      const id = await keepOne(client, userId, 'I play the cello.');

      const got = await client.get(id);

      expect(got).toMatchObject({
        id,
        userId,
        memory: 'I play the cello.',
        metadata: {},
        createdAt: expect.stringMatching(/^\d{4}-/),
        updatedAt: expect.stringMatching(/^\d{4}-/),
        structuredAttributes: { dayOfWeek: expect.any(String), isWeekend: expect.any(Boolean) },
      });
    },
  },
  {
    method: 'update',
    route: 'PUT /v1/memories/:id',
    async run(client) {
      const id = await keepOne(client, newId('dan'), 'I own a cat.');

      const updated = await client.update(id, {
        text: 'I own a dog.',
        metadata: { petName: 'Rex' },
        timestamp: 1_700_000_000,
      });
      const got = await client.get(id);

      expect(updated).toMatchObject({ id, memory: 'I own a dog.', metadata: { petName: 'Rex' } });
      expect(got).toMatchObject({ memory: 'I own a dog.', metadata: { petName: 'Rex' } });
    },
  },
  {
    method: 'getAll',
    route: 'POST /v3/memories',
    async run(client) {
      const filters = { userId: newId('eve') };
      await keep(client, filters.userId, 'one', 'two', 'three');
      const today = new Date().toISOString().slice(0, 10);
      const options = {
        latestOnly: true,
        showExpired: false,
        startDate: today,
        endDate: '2999-12-31',
      };

      const first = await client.getAll({ filters, page: 1, pageSize: 2, ...options });
      const second = await client.getAll({ filters, page: 2, pageSize: 2 });
      const before = await client.getAll({ filters, endDate: '2001-01-01' });
      const categorized = await client.getAll({ filters, categories: ['none has this category'] });

      expect(first).toMatchObject({ count: 3, next: expect.any(String), previous: null });
      expect(second).toMatchObject({ count: 3, next: null, previous: expect.any(String) });
      expect(
        [...first.results, ...second.results]
          .map(({ memory }: { memory: string }) => memory)
          .sort(),
      ).toEqual(['one', 'three', 'two']);
      expect([before.count, categorized.count]).toEqual([0, 0]);
    },
  },
  {
    method: 'search',
    route: 'POST /v3/memories/search',
    async run(client) {
      const userId = newId('fay');
      const filters = { AND: [{ user_id: userId }, { created_at: { gte: '2020-01-01' } }] };
      await keep(client, userId, 'I live in Oslo.', 'I like rye bread.', 'Oslo is cold.');

      const found = await client.search('Where does she live? Oslo?', {
        filters,
        topK: 1,
        threshold: 0.05,
        rerank: true,
        latestOnly: true,
        keywordSearch: true,
        showExpired: false,
        referenceDate: '2026-01-01',
        fields: ['memory', 'createdAt', 'score'],
      });
      const filtered = await client.search('Oslo', { filters, metadata: { absent: true } });

      expect(found.results).toEqual([
        {
          id: expect.any(String),
          memory: expect.stringContaining('Oslo'),
          createdAt: expect.any(String),
          score: expect.any(Number),
        },
      ]);
      expect(filtered.results).toEqual([]);
    },
  },
  {
    method: 'delete',
    route: 'DELETE /v1/memories/:id',
    async run(client) {
      const id = await keepOne(client, newId('gil'), 'I ski.');

      const deleted = await client.delete(id, { deleteLinked: true });

      expect(deleted.message).toBe('Memory deleted successfully!');
      await expect(client.get(id)).rejects.toMatchObject({ name: 'MemoryNotFoundError' });
    },
  },
  {
    method: 'deleteAll',
    route: 'DELETE /v1/memories',
    async run(client) {
      const [userId, other] = [newId('hal +&'), newId('ida')];
      await keep(client, userId, 'one', 'two');
      await keep(client, other, 'three');

      const deleted = await client.deleteAll({ userId });
      const left = await client.getAll({ filters: { OR: [{ userId }, { userId: other }] } });

      expect(deleted).toEqual({
        message: 'Delete in progress. This may take some time.',
        eventId: expect.any(String),
      });
      expect(left.results).toMatchObject([{ memory: 'three' }]);
      await expect(client.deleteAll()).rejects.toMatchObject({ name: 'ValidationError' });
    },
  },
  {
    method: 'history',
    route: 'GET /v1/memories/:id/history',
    async run(client) {
      const userId = newId('jon');
      const id = await keepOne(client, userId, 'I run.');
      await client.update(id, { text: 'I swim.' });

      const history = await client.history(id);

      expect(history).toMatchObject([
        { memoryId: id, event: 'ADD', oldMemory: null, newMemory: 'I run.', userId },
        { memoryId: id, event: 'UPDATE', oldMemory: 'I run.', newMemory: 'I swim.' },
      ]);
      expect(history[0].input).toEqual([{ role: 'user', content: 'I run.' }]);
    },
  },
];
