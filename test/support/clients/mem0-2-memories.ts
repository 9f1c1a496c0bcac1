import { expect } from 'vitest';
import { type Check, newId, say, until } from './check.ts';
import { finalEvent, type PublishedMem0 } from './published-mem0.ts';

interface Named {
  id: string;
  memory: string;
}

/** Keeps texts word for word through the route of version 2, and returns the ids of their memories. */
export const keep = async (
  client: PublishedMem0,
  user_id: string,
  ...texts: string[]
): Promise<string[]> => {
  const added = await client.add(texts.flatMap(say), { user_id, infer: false });
  const isPending = added[0]?.status === 'PENDING';
  const kept: Named[] = isPending ? (await finalEvent(client, added[0].event_id)).results : added;
  return kept.map(({ id }) => id);
};

const idOf = async (client: PublishedMem0, user: string, text: string): Promise<string> =>
  (await keep(client, user, text))[0] ?? '';

const textsOf = (memories: Named[]): string[] => memories.map(({ memory }) => memory).toSorted();

/** Methods of the 2.x client for memories. Lists and searches answer with bare arrays in snake case. */
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
    route: 'POST /v1/memories',
    async run(client) {
      const owner = {
        user_id: newId('ada'),
        agent_id: newId('guide'),
        app_id: 'trips',
        run_id: newId('r'),
      };
      const metadata = { camelKey: 1, snake_key: [2] };
      const plain = { ...owner, metadata, infer: false, immutable: true, timestamp: 1_700_000_000 };

      const bare = await client.add(say('I live in Lisbon.'), plain);
      const wrapped = await client.add(say('I like cork.'), { ...plain, output_format: 'v1.1' });
      const relations = await client.add(say('I like tiles.'), {
        ...plain,
        output_format: 'v1.1',
        api_version: 'v2',
      });
      const stored = await client.get(bare[0].id);

      expect(bare).toMatchObject([{ event: 'ADD', memory: 'I live in Lisbon.' }]);
      expect(wrapped).toMatchObject({ results: [{ event: 'ADD', memory: 'I like cork.' }] });
      expect(relations).toMatchObject({ results: [{ memory: 'I like tiles.' }], relations: [] });
      expect(stored).toMatchObject({ ...owner, session_id: owner.run_id, metadata });
    },
  },
  {
    method: 'add (infer)',
    route: 'POST /v1/memories',
    async run(client) {
      const user_id = newId('bob');

      const queued = await client.add(say('I moved to Porto.'), { user_id });
      const atOnce = await client.search('Where does he live?', { user_id });
      const waited = await client.add(say('I work as a baker.'), { user_id, async_mode: false });

      expect(queued).toMatchObject([
        {
          message: 'Memory processing has been queued for background execution',
          status: 'PENDING',
          event_id: expect.any(String),
        },
      ]);
      expect(atOnce[0].memory).toContain('Porto');
      expect(waited).toMatchObject([{ event: 'ADD', memory: expect.stringContaining('baker') }]);
    },
  },
  {
    method: 'get',
    route: 'GET /v1/memories/:id',
    async run(client) {
      const user_id = newId('cleo');
      const id = await idOf(client, user_id, 'I play the cello.');

      const got = await client.get(id);

      expect(got).toMatchObject({
        id,
        user_id,
        memory: 'I play the cello.',
        created_at: expect.stringMatching(/^\d{4}-/),
        structured_attributes: { day_of_week: expect.any(String) },
      });
    },
  },
  {
    method: 'update',
    route: 'PUT /v1/memories/:id',
    async run(client) {
      const id = await idOf(client, newId('dan'), 'I own a cat.');
      const changes = {
        text: 'I own a dog.',
        metadata: { petName: 'Rex' },
        timestamp: '1700000000',
      };

      const updated = await client.update(id, changes);
      const got = await client.get(id);

      expect(updated).toMatchObject({ id, memory: 'I own a dog.', metadata: { petName: 'Rex' } });
      expect(got).toMatchObject({ memory: 'I own a dog.' });
    },
  },
  {
    method: 'getAll (v1)',
    route: 'GET /v1/memories',
    async run(client) {
      const user_id = newId('eve');
      await keep(client, user_id, 'one', 'two', 'three');

      const all = await client.getAll({
        user_id,
        start_date: '2020-01-01',
        end_date: '2999-12-31',
      });
      const page = await client.getAll({ user_id, page: 2, page_size: 2 });

      expect(textsOf(all)).toEqual(['one', 'three', 'two']);
      expect(page).toMatchObject({ count: 3, next: null, results: [{ user_id }] });
    },
  },
  {
    method: 'getAll (v2)',
    route: 'POST /v2/memories',
    async run(client) {
      const user_id = newId('eve');
      await keep(client, user_id, 'one', 'two', 'three');
      const filters = { AND: [{ user_id }, { created_at: { gte: '2020-01-01' } }] };

      const all = await client.getAll({ api_version: 'v2', filters });
      const page = await client.getAll({ api_version: 'v2', filters, page: 1, page_size: 2 });

      expect(textsOf(all)).toEqual(['one', 'three', 'two']);
      expect(page).toHaveLength(2);
    },
  },
  {
    method: 'search (v1)',
    route: 'POST /v1/memories/search',
    async run(client) {
      const user_id = newId('fay');
      await keep(client, user_id, 'I live in Oslo.', 'I like rye bread.');

      const found = await client.search('Where does she live?', { user_id, limit: 1 });
      const wrapped = await client.search('Oslo', { user_id, output_format: 'v1.1' });

      expect(found).toMatchObject([
        { memory: 'I live in Oslo.', score: expect.any(Number), user_id },
      ]);
      expect(wrapped.results[0]).toMatchObject({ memory: 'I live in Oslo.' });
    },
  },
  {
    method: 'search (v2)',
    route: 'POST /v2/memories/search',
    async run(client) {
      const user_id = newId('fay');
      await keep(client, user_id, 'I live in Oslo.', 'I like rye bread.');
      const options = { top_k: 5, threshold: 0.1, rerank: true, keyword_search: true };

      const found = await client.search('Where does she live? Oslo?', {
        api_version: 'v2',
        filters: { OR: [{ user_id }, { agent_id: 'none' }] },
        ...options,
        filter_memories: true,
        fields: ['memory', 'score'],
      });

      expect(found[0]).toEqual({
        id: expect.any(String),
        memory: 'I live in Oslo.',
        score: expect.any(Number),
      });
    },
  },
  {
    method: 'delete',
    route: 'DELETE /v1/memories/:id',
    async run(client) {
      const id = await idOf(client, newId('gil'), 'I ski.');

      const deleted = await client.delete(id);

      expect(deleted.message).toBe('Memory deleted successfully!');
      await expect(client.get(id)).rejects.toMatchObject({ name: 'MemoryNotFoundError' });
    },
  },
  {
    method: 'deleteAll',
    route: 'DELETE /v1/memories',
    async run(client) {
      const user_id = newId('hal +&');
      await keep(client, user_id, 'one', 'two');

      const deleted = await client.deleteAll({ user_id });

      expect(deleted).toMatchObject({ event_id: expect.any(String) });
      expect(await client.getAll({ user_id })).toEqual([]);
      await expect(client.deleteAll()).rejects.toMatchObject({ name: 'ValidationError' });
    },
  },
  {
    method: 'history',
    route: 'GET /v1/memories/:id/history',
    async run(client) {
      const user_id = newId('jon');
      const id = await idOf(client, user_id, 'I run.');
      await client.update(id, { text: 'I swim.' });

      const history = await client.history(id);

      expect(history).toMatchObject([
        { memory_id: id, event: 'ADD', old_memory: null, new_memory: 'I run.', user_id },
        { memory_id: id, event: 'UPDATE', old_memory: 'I run.', new_memory: 'I swim.' },
      ]);
    },
  },
  {
    method: 'batchUpdate',
    route: 'PUT /v1/batch',
    async run(client) {
      const ids = await keep(client, newId('kim'), 'one', 'two');

      const updated = await client.batchUpdate(
        ids.map((memoryId) => ({ memoryId, text: 'Same.' })),
      );
      const texts = await Promise.all(ids.map(async (id) => (await client.get(id)).memory));

      expect(updated.message).toBe('Successfully updated 2 memories');
      expect(texts).toEqual(['Same.', 'Same.']);
    },
  },
  {
    method: 'batchDelete',
    route: 'DELETE /v1/batch',
    async run(client) {
      const user_id = newId('lea');
      const ids = await keep(client, user_id, 'one', 'two');

      const deleted = await client.batchDelete(ids);

      expect(deleted.message).toBe('Successfully deleted 2 memories');
      expect(await client.getAll({ user_id })).toEqual([]);
    },
  },
  {
    method: 'client.get (events)',
    route: 'GET /v1/event/:id',
    async run(client) {
      const user_id = newId('max');
      const [{ event_id }] = await client.add(say('I bake bread.'), { user_id });

      const { data } = await until(
        () => client.client.get(`/v1/event/${event_id}/`),
        (answer) => answer.data.status === 'SUCCEEDED',
      );

      expect(data).toMatchObject({
        id: event_id,
        event_type: 'ADD',
        results: [{ event: 'ADD', data: { memory: expect.stringContaining('bread') }, user_id }],
      });
    },
  },
];
