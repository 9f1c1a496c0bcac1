import { beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { loadMem0, type Mem0Client } from '../support/mem0-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verified } from '../support/verify-webhook.ts';
import type { Receiver } from '../support/webhook-receiver.ts';

const home = temporaryFolder();
const { MemoryClient, ValidationError, MemoryNotFoundError, AuthenticationError } = loadMem0(
  home.path,
);

const say = (content: string) => [{ role: 'user', content }];
const Event = z.object({ status: z.string() });
const unknownId = '01990000-0000-7000-8000-000000000000';

/** Contract of every platform for the published npm client. */
export const describeMem0Client = (
  running: () => { url: string; apiKey: string; receiver: Receiver },
): void => {
  describe('the mem0ai client', () => {
    let service: ReturnType<typeof running>;
    let client: Mem0Client;

    beforeAll(() => {
      service = running();
      // The client does not normalize hosts: this one makes every path start with two slashes.
      client = new MemoryClient({ apiKey: service.apiKey, host: `${service.url}/` });
      return () => home.remove();
    });

    const finalStatus = async (event: string): Promise<string> => {
      const response = await fetch(`${service.url}/v1/event/${event}/`, {
        headers: { authorization: `Token ${service.apiKey}` },
      });
      const { status } = Event.parse(await response.json());
      if (status === 'SUCCEEDED' || status === 'FAILED') return status;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return finalStatus(event);
    };

    it('the mem0ai client connects', async () => {
      const complaint = vi.spyOn(console, 'error').mockReturnValue();

      await expect(client.ping()).resolves.toBeUndefined();
      await expect(
        new MemoryClient({ apiKey: 'm0-somebody-else', host: service.url }).ping(),
      ).rejects.toBeInstanceOf(AuthenticationError);
      complaint.mockRestore();
    });

    it('an add of the mem0ai client is found at once, then refined', async () => {
      const filters = { userId: 'alice/1' };

      const added = await client.add(say('I live in Lisbon and I work as a nurse.'), {
        userId: 'alice/1',
        runId: 'first run',
        metadata: { camelKey: 1 },
      });
      const atOnce = await client.search('Where does she live?', { filters });
      const status = await finalStatus(added.eventId);
      const later = await client.search('lives in Lisbon', { filters });
      const all = await client.getAll({ filters, pageSize: 50 });

      expect(added).toMatchObject({ status: 'PENDING', eventId: expect.any(String) });
      expect(atOnce.results).toMatchObject([
        { type: 'rough', eventId: added.eventId, memory: expect.stringContaining('Lisbon') },
      ]);
      expect(status).toBe('SUCCEEDED');
      expect(later.results[0]).toMatchObject({
        type: 'refined',
        memory: expect.stringContaining('Lisbon'),
        userId: 'alice/1',
        runId: 'first run',
        sessionId: 'first run',
        metadata: { camelKey: 1 },
        score: expect.any(Number),
        scoreBreakdown: { semantic: expect.any(Number), bm25: expect.any(Number) },
      });
      expect(later.results[0]?.score).toBeGreaterThan(0.1);
      expect(all.count).toBe(all.results.length);
      expect(all.results.every(({ type }) => type === 'refined')).toBe(true);
      expect(all.results.map(({ memory }) => memory).join()).toContain('Lisbon');
    });

    it('the mem0ai client gets, changes and follows a memory', async () => {
      const added = await client.add(say('I play the cello.'), { userId: 'bea', asyncMode: false });
      const [id = ''] = (await client.getAll({ filters: { user_id: 'bea' } })).results.map(
        ({ id }) => id,
      );

      const got = await client.get(id);
      const updated = await client.update(id, { text: 'Bea plays the viola.', metadata: { n: 1 } });
      const found = await client.search('viola', { filters: { user_id: 'bea' } });
      const history = await client.history(id);

      expect(added).toMatchObject({ status: 'SUCCEEDED', results: [{ id, event: 'ADD' }] });
      expect(got).toMatchObject({
        id,
        userId: 'bea',
        structuredAttributes: { dayOfWeek: expect.any(String) },
      });
      expect(updated).toMatchObject({ id, memory: 'Bea plays the viola.' });
      expect(found.results).toMatchObject([{ id, memory: 'Bea plays the viola.' }]);
      expect(history).toMatchObject([
        { event: 'ADD', oldMemory: null, newMemory: 'user: I play the cello.' },
        { event: 'UPDATE', newMemory: got.memory },
        { event: 'UPDATE', oldMemory: got.memory, newMemory: 'Bea plays the viola.' },
      ]);
    });

    it('the mem0ai client stores texts verbatim, and changes and deletes several memories at once', async () => {
      await client.add([...say('My locker is 17.'), ...say('My bike is red.')], {
        userId: 'cleo',
        infer: false,
      });
      const stored = await client.getAll({ filters: { userId: 'cleo' } });
      const ids = stored.results.map(({ id }) => id);

      const updated = await client.batchUpdate(
        ids.map((memoryId) => ({ memoryId, text: 'Gone soon.' })),
      );
      const deleted = await client.batchDelete(ids);
      const left = await client.getAll({ filters: { userId: 'cleo' } });

      expect(stored.results.map(({ memory }) => memory).toSorted()).toEqual([
        'My bike is red.',
        'My locker is 17.',
      ]);
      expect(updated.message).toBe('Successfully updated 2 memories');
      expect(deleted.message).toBe('Successfully deleted 2 memories');
      expect(left.count).toBe(0);
    });

    it('the mem0ai client deletes one memory, and all of a user', async () => {
      for (const text of ['one', 'two'])
        await client.add(say(text), { userId: 'dan', infer: false });
      const { results } = await client.getAll({ filters: { userId: 'dan' } });

      const one = await client.delete(results[0]?.id ?? '');
      const afterOne = await client.getAll({ filters: { userId: 'dan' } });
      const all = await client.deleteAll({ userId: 'dan' });
      const afterAll = await client.getAll({ filters: { userId: 'dan' } });
      const status = await finalStatus(all.eventId);

      expect(one.message).toBe('Memory deleted successfully!');
      expect([results.length, afterOne.count, afterAll.count]).toEqual([2, 1, 0]);
      expect(all.message).toBe('Delete in progress. This may take some time.');
      expect(status).toBe('SUCCEEDED');
    });

    it('the mem0ai client lists users with their numbers of memories, and deletes them', async () => {
      const kept = async (...names: string[]) => {
        const { results } = await client.users({ page: 1, pageSize: 200 });
        return results
          .filter(({ name }) => names.includes(name))
          .map(({ type, name, totalMemories }) => [type, name, totalMemories]);
      };
      const infer = { infer: false };
      await client.add(say('I dance.'), { userId: 'eve/1', ...infer });
      await client.add(say('I sing.'), { userId: 'eve/1', ...infer });
      await client.add(say('I guide.'), { agentId: 'guide 7', ...infer });

      const before = await kept('eve/1', 'guide 7');
      const deleted = await client.deleteUsers({ userId: 'eve/1' });
      const between = await kept('eve/1', 'guide 7');
      await client.deleteUser({ entity_id: 'guide 7', entity_type: 'agent' });

      expect(before).toEqual([
        ['agent', 'guide 7', 1],
        ['user', 'eve/1', 2],
      ]);
      expect(deleted.message).toEqual(expect.any(String));
      expect(between).toEqual([['agent', 'guide 7', 1]]);
      expect(await kept('eve/1', 'guide 7')).toEqual([]);
    });

    it('webhooks of the mem0ai client are created, listed, changed and deleted, and arrive as documented', async () => {
      const { receiver } = service;
      const { url } = receiver;

      const made = await client.createWebhook({ name: 'Logger', url, eventTypes: ['memory_add'] });
      const { webhookId } = made;
      await client.add(say('I play chess.'), { userId: 'eva', infer: false });
      const [delivered] = await receiver.arrive(1);
      const updated = await client.updateWebhook({
        webhookId,
        name: 'Renamed',
        eventTypes: ['memory_update', 'memory_delete'],
      });
      const listed = await client.getWebhooks();
      const deleted = await client.deleteWebhook({ webhookId });
      const left = await client.getWebhooks();

      expect(made).toMatchObject({
        name: 'Logger',
        url,
        eventTypes: ['memory_add'],
        project: 'default',
        isActive: true,
        secret: expect.stringMatching(/^whsec_/),
      });
      expect(delivered && verified(made.secret ?? '', delivered)).toMatchObject({
        event_details: {
          id: expect.any(String),
          data: { memory: expect.stringContaining('I play chess.') },
          event: 'ADD',
        },
      });
      expect(updated.message).toBe('Webhook updated successfully');
      expect(listed).toMatchObject([
        { webhookId, name: 'Renamed', eventTypes: ['memory_update', 'memory_delete'] },
      ]);
      expect(listed[0]).not.toHaveProperty('secret');
      expect(deleted.message).toBe('Webhook deleted successfully');
      expect(left).toEqual([]);
    });

    it('the mem0ai client reads and changes the settings of the project', async () => {
      const customCategories = [{ foodAndDrink: 'What they eat' }];

      const updated = await client.updateProject({
        customInstructions: 'Remember meals.',
        customCategories,
        decay: true,
      });
      const whole = await client.getProject({});
      const part = await client.getProject({ fields: ['customCategories', 'multilingual'] });
      await client.updateProject({ customInstructions: '', customCategories: [] });
      const restored = await client.getProject({ fields: ['customInstructions'] });

      expect(updated).toEqual({ message: 'Project updated successfully', ignored: ['decay'] });
      expect(whole).toMatchObject({ customInstructions: 'Remember meals.', customCategories });
      expect(part).toEqual({ customCategories, multilingual: true });
      expect(restored).toEqual({ customInstructions: null });
    });

    it('mistakes of the mem0ai client come back as the errors that it knows', async () => {
      const mistakes: [() => Promise<unknown>, new () => Error][] = [
        [() => client.get('not a uuid'), ValidationError],
        [() => client.get('a?b c%'), ValidationError],
        // A gateway that decodes paths makes this another path than that of an id.
        [() => client.get('a/b c'), Error],
        [() => client.get(unknownId), MemoryNotFoundError],
        [() => client.update(unknownId, { text: 'x' }), MemoryNotFoundError],
        [() => client.delete(unknownId), MemoryNotFoundError],
        [() => client.history(unknownId), MemoryNotFoundError],
        [() => client.search('', { filters: { userId: 'a' } }), ValidationError],
        [() => client.getAll({ filters: {} }), ValidationError],
        [() => client.add(say('x'), {}), ValidationError],
        [() => client.deleteAll({}), ValidationError],
        [() => client.updateWebhook({ webhookId: 'wh_123', name: 'x' }), MemoryNotFoundError],
        [() => client.deleteWebhook({ webhookId: 'wh_123' }), MemoryNotFoundError],
        [() => client.getWebhooks({ projectId: 'proj_other' }), AuthenticationError],
        [() => client.createWebhook({ name: 'x', url: 'x', eventTypes: ['*'] }), ValidationError],
      ];

      for (const [mistake, kind] of mistakes) await expect(mistake()).rejects.toBeInstanceOf(kind);
    });
  });
};
