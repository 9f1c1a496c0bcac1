import { expect } from 'vitest';
import { type Check, newId, say } from './check.ts';
import { keep, keepOne } from './mem0-3-memories.ts';
import type { PublishedMem0 } from './published-mem0.ts';

/** Methods of the 3.x client for several memories at once, and for events. */
export const batchChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'batchUpdate',
    route: 'PUT /v1/batch',
    async run(client) {
      const ids = await keep(client, newId('kim'), 'one', 'two');

      const updated = await client.batchUpdate(
        ids.map((memoryId) => ({ memoryId, text: `New text of ${memoryId}` })),
      );
      const texts = await Promise.all(ids.map(async (id) => (await client.get(id)).memory));

      expect(updated.message).toBe('Successfully updated 2 memories');
      expect(texts).toEqual(ids.map((id) => `New text of ${id}`));
    },
  },
  {
    method: 'batchDelete',
    route: 'DELETE /v1/batch',
    async run(client) {
      const filters = { userId: newId('lea') };
      const ids = await keep(client, filters.userId, 'one', 'two', 'three');

      const deleted = await client.batchDelete(ids.slice(0, 2));
      const left = await client.getAll({ filters });

      expect(deleted.message).toBe('Successfully deleted 2 memories');
      expect(left.results).toMatchObject([{ id: ids[2] }]);
    },
  },
  {
    method: 'client.get (events)',
    route: 'GET /v1/event/:id',
    async run(client) {
      const userId = newId('max');
      const { eventId } = await client.add(say('I bake.'), { userId, infer: false });

      const { data: event } = await client.client.get(`/v1/event/${eventId}/`);
      const { data: events } = await client.client.get('/v1/events/');

      expect(event).toMatchObject({
        id: eventId,
        event_type: 'ADD',
        status: 'SUCCEEDED',
        error: null,
        results: [{ event: 'ADD', data: { memory: 'I bake.' }, user_id: userId }],
      });
      expect(events.results.map(({ id }: { id: string }) => id)).toContain(eventId);
    },
  },
];

/** Options that version 3.3 added to methods for memories. */
export const laterMemoryChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'add (keys of metadata)',
    route: 'POST /v3/memories/add',
    async run(client) {
      const metadata = { camelKey: 1, snake_key: { innerKey: 2 } };

      const { results } = await client.add(say('I hike.'), {
        userId: newId('mia'),
        infer: false,
        metadata,
      });

      expect((await client.get(results[0].id)).metadata).toEqual(metadata);
    },
  },
  {
    method: 'add (expirationDate)',
    route: 'POST /v3/memories/add',
    async run(client) {
      const filters = { user_id: newId('nia') };

      const { results } = await client.add(say('I rent a car.'), {
        userId: filters.user_id,
        infer: false,
        expirationDate: '2001-01-01',
        agentCustomInstructions: 'Nothing.',
      });
      const hidden = await client.getAll({ filters });
      const shown = await client.getAll({ filters, showExpired: true });

      expect(hidden.count).toBe(0);
      expect(shown.results).toMatchObject([{ id: results[0].id, expirationDate: '2001-01-01' }]);
    },
  },
  {
    method: 'update (expirationDate)',
    route: 'PUT /v1/memories/:id',
    async run(client) {
      const id = await keepOne(client, newId('ole'), 'I rent a boat.');

      const limited = await client.update(id, { expirationDate: '2999-01-01' });
      const unlimited = await client.update(id, { expirationDate: null });

      expect([limited.expirationDate, unlimited.expirationDate]).toEqual(['2999-01-01', null]);
    },
  },
];
