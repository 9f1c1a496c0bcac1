import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestService } from '../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../support/memos-client.ts';
import { proposing, type ScriptedModel } from '../support/scripted-model.ts';
import type { MemosServices } from './memos-surface.contract.ts';

/** Copies of an add for public memory and knowledge bases, and their task, on each store. */
export const memosCopiesContract = (name: string, { open }: MemosServices): void => {
  describe(`copies of an add on ${name}`, () => {
    let service: TestService;
    let model: ScriptedModel;
    let memos: MemosClient;
    let base: string;
    beforeAll(async () => {
      ({ service, model } = await open());
      memos = memosClient(service.client);
      service.refine();
      ({ id: base } = await memos.data('create/knowledgebase', { knowledgebase_name: 'One' }));
    });
    afterAll(() => service.close());

    const shared = (user_id: string) => ({
      user_id,
      allow_public: true,
      allow_knowledgebase_ids: [base],
    });

    it('async_mode false waits for the copies, and the task has what all of them changed', async () => {
      const said = saying('The lift is out of order.', { ...shared('eve'), async_mode: false });

      const { status, task_id } = await memos.added(said);
      const task = await memos.task(task_id);

      expect(status).toBe('completed');
      expect(task).toMatchObject({ status: 'completed', memory_views: { added: 3 } });
      expect(task.memory_views.detail_factual.memory_ids).toHaveLength(3);
    });

    it('items say where they belong, and the own memory comes before a public one that is about as good', async () => {
      const say = async (text: string, fields: object) => {
        model.always(proposing({ turn: 0, type: 'ADD', text }));
        await memos.added(saying(text, { ...fields, async_mode: false }));
      };
      const open = { user_id: 'lou', allow_public: true };
      await say('The tennis court opens at eight.', open);
      await say('The tennis court opens at nine, the summer timetable says.', { user_id: 'max' });

      const query = 'When does the tennis court open?';
      const { memory_detail_list } = await memos.search(query, { user_id: 'max', relativity: 0 });

      const [own, other] = memory_detail_list;
      expect(own).toMatchObject({ store: 'user' });
      expect(other).toMatchObject({ store: 'public' });
      expect(other.relativity).toBeGreaterThan(own.relativity);
    });

    it('a public memory that is far better comes before the own ones', async () => {
      model.always(proposing({ turn: 0, type: 'ADD', text: 'The ferry sails at six.' }));
      const open = { user_id: 'lou', allow_public: true, async_mode: false };
      await memos.added(saying('The ferry sails at six.', open));
      model.always(proposing({ turn: 0, type: 'ADD', text: 'The bakery sells bread.' }));
      await memos.added(saying('The bakery sells bread.', { user_id: 'ned', async_mode: false }));

      const query = 'When does the ferry sail?';
      const { memory_detail_list } = await memos.search(query, { user_id: 'ned', relativity: 0 });

      expect(memory_detail_list[0]).toMatchObject({
        memory_value: 'The ferry sails at six.',
        store: 'public',
      });
    });

    it('a repeat has the same task and makes no second copy, also after others wrote to public memory', async () => {
      model.always(proposing({ turn: 0, type: 'ADD', text: 'The lake is warm.' }));
      const said = saying('The lake is warm.', { ...shared('ida'), async_mode: false });
      const first = await memos.added(said);
      await memos.added(saying('The sea is cold.', { ...shared('jon'), async_mode: false }));

      const again = await memos.added(said);

      const { memory_views } = await memos.task(again.task_id);
      expect(again.task_id).toBe(first.task_id);
      expect(memory_views.added).toBe(3);
    });

    it('an add whose copy was deleted since is no repeat', async () => {
      model.always(proposing({ turn: 0, type: 'ADD', text: 'The pier is long.' }));
      const said = saying('The pier is long.', {
        user_id: 'kai',
        allow_public: true,
        async_mode: false,
      });
      const first = await memos.added(said);
      const { memory_views } = await memos.task(first.task_id);
      const [, copy] = memory_views.detail_factual.memory_ids;
      await memos.data('delete/memory', { memory_ids: [copy] });

      const again = await memos.added(said);

      expect(again.task_id).not.toBe(first.task_id);
    });
  });
};
