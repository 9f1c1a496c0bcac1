import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestService } from '../support/in-memory-service.ts';
import { guangzhou, type MemosClient, memosClient, saying } from '../support/memos-client.ts';
import { proposing, type ScriptedModel } from '../support/scripted-model.ts';

/** Opens a service with a scripted model, which refines nothing before `refine` is called. */
export interface MemosServices {
  open(): Promise<{ service: TestService; model: ScriptedModel }>;
}

const decided = proposing(
  {
    turn: 0,
    type: 'ADD',
    text: 'User plans to travel to Guangzhou in the summer vacation.',
    message: 0,
    kind: 'fact',
    title: 'Summer trip to Guangzhou',
    tags: ['travel', 'Guangzhou'],
  },
  {
    turn: 0,
    type: 'ADD',
    text: 'User may prefer economical hotels.',
    message: 2,
    kind: 'preference',
    preferenceType: 'implicit',
    reasoning: 'User chose 7 Days Inn among three hotels. A budget was not mentioned.',
    title: 'Hotels',
  },
);

/** Behaviour that clients of MemOS rely on, on each store. */
export const memosSurfaceContract = (name: string, { open }: MemosServices): void => {
  describe(`the MemOS surface on ${name}`, () => {
    let service: TestService;
    let model: ScriptedModel;
    let memos: MemosClient;
    let task: string;
    let rough: { [field: string]: unknown };

    beforeAll(async () => {
      ({ service, model } = await open());
      memos = memosClient(service.client);
      model.next(decided);
      const body = {
        user_id: 'ana',
        conversation_id: '0610',
        messages: guangzhou,
        tags: ['trips'],
        info: { scene: 'chat' },
      };
      const answer = await memos.call('add/message', body);
      expect(answer).toMatchObject({
        status: 200,
        body: { code: 0, data: { success: true, status: 'running' }, message: 'ok' },
      });
      task = answer.body.data.task_id;
    });
    afterAll(() => service.close());

    it('the very next search finds one rough memory in the documented form', async () => {
      const found = await memos.search('hotels in Guangzhou', { conversation_id: '0611' });

      expect(found).toMatchObject({ preference_detail_list: [], preference_note: '' });
      expect(found.memory_detail_list).toHaveLength(1);
      rough = found.memory_detail_list[0];
      const time = '[09:44 AM on 10 December, 2025 UTC]';
      expect(rough).toMatchObject({
        memory_key: `user: ${time}: ${guangzhou[0]?.content}`,
        memory_value: guangzhou
          .map(({ role, content }) => `${role}: ${time}: ${content}\n`)
          .join(''),
        memory_type: 'WorkingMemory',
        status: 'activated',
        tags: ['mode:fast', 'trips'],
        conversation_id: '0610',
        confidence: 0.99,
        create_time: Date.parse('2025-12-10T09:44Z'),
        info: { scene: 'chat' },
      });
    });

    it('a task that has not ended is running and has no views', async () => {
      const data = await memos.task(task);

      expect(data).toMatchObject({ task_id: task, status: 'running', error: null });
      expect(data).not.toHaveProperty('memory_views');
    });

    it('the refined memories replace the rough one, and the first keeps its id', async () => {
      service.refine();
      await service.client(`GET /v1/events/${task}?wait=10`);

      const found = await memos.search('Which hotels in Guangzhou may the user prefer?', {
        relativity: 0,
      });

      expect(found.memory_detail_list).toMatchObject([
        {
          id: rough['id'],
          memory_key: 'Summer trip to Guangzhou',
          memory_value: 'User plans to travel to Guangzhou in the summer vacation.',
          memory_type: 'UserMemory',
          status: 'activated',
          tags: ['travel', 'Guangzhou', 'trips'],
          info: { scene: 'chat' },
        },
      ]);
      expect(found.preference_detail_list).toMatchObject([
        {
          preference: 'User may prefer economical hotels.',
          preference_type: 'implicit_preference',
          reasoning: 'User chose 7 Days Inn among three hotels. A budget was not mentioned.',
          status: 'activated',
        },
      ]);
      expect(found.preference_note).toContain('Implicit preferences');
      expect(found.preference_note).not.toContain('Explicit preferences were');
    });

    it('a completed task has the ids by view', async () => {
      const data = await memos.task(task);

      expect(data).toMatchObject({
        status: 'completed',
        memory_views: {
          added: 2,
          updated: 0,
          deleted: 0,
          detail_factual: { memory_ids: [rough['id']] },
          preference: { memory_ids: [expect.any(String)] },
        },
        error: null,
        stage: 'finished',
        attempt: 1,
      });
    });

    it('the messages of the conversation are kept as they were said', async () => {
      const data = await memos.data('get/message', {
        user_id: 'ana',
        conversation_id: '0610',
        message_limit_number: 2,
      });

      expect(data.message_detail_list).toMatchObject(
        guangzhou.slice(2).map(({ role, content }) => ({ role, content })),
      );
      const stranger = { user_id: 'ben', conversation_id: '0610' };
      expect(await memos.data('get/message', stranger)).toEqual({ message_detail_list: [] });
    });

    it('get/memory lists by kind and counts the longest list', async () => {
      const data = await memos.data('get/memory', { user_id: 'ana', size: 1 });

      expect(data).toMatchObject({ total: 1, size: 1, current: 1, pages: 1 });
      expect(data.memory_detail_list).toHaveLength(1);
      expect(data.preference_detail_list).toHaveLength(1);
    });

    it.each<[string, object, number]>([
      ['a topic', { and: [{ tags: { contains: 'guangzhou' } }] }, 1],
      ["the caller's tag", { and: [{ tags: { contains: 'trips' } }] }, 2],
      ['another tag', { and: [{ tags: { contains: 'trip' } }] }, 0],
      ['info', { or: [{ scene: 'chat' }, { scene: 'none' }] }, 2],
      ['other info', { and: [{ scene: 'none' }] }, 0],
      ['a source', { user: { and: [{ scene: 'chat' }] } }, 2],
      ['another source', { agent: { and: [{ scene: 'none' }] } }, 2],
      ['a conversation', { and: [{ conversation_id: '0610' }] }, 2],
      ['a time', { and: [{ create_time: { gte: '2025-12-10' } }] }, 2],
      ['an earlier time', { and: [{ create_time: { lt: '2025-12-10' } }] }, 0],
      ['a related id', { and: [{ related_id: ['ana', 'ben'] }] }, 2],
    ])('a filter by %s holds in searches and lists', async (_, filter, count) => {
      const searched = await memos.search('Guangzhou hotels', { filter, relativity: 0 });
      const listed = await memos.data('get/memory', { user_id: 'ana', filter });

      for (const { memory_detail_list, preference_detail_list } of [searched, listed])
        expect(memory_detail_list.length + preference_detail_list.length).toBe(count);
    });

    it('an update changes text and title, and a deletion is final', async () => {
      const id = rough['id'];
      await memos.data('update/memory', { memory_id: id, content: 'User is in Guangzhou.' });
      const edited = await memos.get(`get/memory/${id}`);
      await memos.data('update/memory', { memory_id: id, title: 'Guangzhou' });
      const titled = await memos.get(`get/memory/${id}`);
      await memos.data('delete/memory', { memory_ids: [id] });

      const text = { content: 'User is in Guangzhou.', memory_view: 'detail_factual' };
      expect(edited.body.data).toMatchObject({
        ...text,
        title: 'User is in Guangzhou.',
        tags: ['trips'],
      });
      expect(titled.body.data).toMatchObject({ ...text, title: 'Guangzhou', user_id: 'ana' });
      expect(await memos.get(`get/memory/${id}`)).toMatchObject({
        status: 404,
        body: { code: 40307, data: null },
      });
    });

    it('a deletion by a filter names an owner and deletes what matches', async () => {
      const filter = { and: [{ user_id: 'ana' }, { scene: 'chat' }] };

      expect(await memos.data('delete/memory', { filter })).toEqual({
        success: true,
        deleted: 1,
        remaining: 0,
      });
    });

    it('several users have a turn each under one task, and a repeat makes none', async () => {
      const body = saying('We booked the lake house.', { user_ids: ['gil', 'ida', 'gil'] });
      const first = await memos.data('add/message', { ...body, user_id: undefined });
      const again = await memos.data('add/message', { ...body, user_id: undefined });
      const rough = await memos.search('lake house', { user_id: 'ida' });
      const done = await memos.data('add/message', {
        ...saying('We sold the car.', { user_id: ['gil', 'ida', 'jo'] }),
        async_mode: false,
      });
      await service.client(`GET /v1/events/${first.task_id}?wait=10`);

      expect(again).toEqual(first);
      expect(rough.memory_detail_list.length).toBeGreaterThan(0);
      expect(done).toMatchObject({ status: 'completed' });
      expect(await memos.task(done.task_id)).toMatchObject({
        status: 'completed',
        memory_views: {
          added: 3,
          detail_factual: { memory_ids: Array(3).fill(expect.any(String)) },
        },
        waiting_for: null,
      });
      const said = await Promise.all(
        ['gil', 'ida', 'jo'].map((user_id) =>
          memos.data('get/message', { user_id, conversation_id: '0610' }),
        ),
      );
      expect(said.map(({ message_detail_list }) => message_detail_list.length)).toEqual([2, 2, 1]);
    });

    it('a feedback replaces a word in all memories, as a task', async () => {
      await memos.learnt(saying('Hotel Sol is loud.', { user_id: 'kai' }));
      await memos.learnt(saying('Breakfast at Sol is good.', { user_id: 'kai' }));

      const { task_id, ...answer } = await memos.data('add/feedback', {
        user_id: 'kai',
        feedback_content: 'Replace Sol with Luna everywhere.',
      });

      expect(answer).toEqual({ success: true, status: 'completed', remaining: 0 });
      const ids = [expect.any(String), expect.any(String)];
      expect(await memos.task(task_id)).toMatchObject({
        status: 'completed',
        memory_views: { added: 0, updated: 2, deleted: 0, detail_factual: { memory_ids: ids } },
      });
      const listed = await memos.data('get/memory', { user_id: 'kai' });
      expect(
        listed.memory_detail_list.map((item: { memory_value: string }) => item.memory_value).sort(),
      ).toEqual(['Learnt: Breakfast at Luna is good.', 'Learnt: Hotel Luna is loud.']);
    });

    it('a deletion of a user hides everything at once', async () => {
      await memos.learnt(saying('I live in Oslo.', { user_id: 'dora' }));

      const { task_id } = await memos.data('delete/memory', { user_id: 'dora' });

      expect(task_id).toEqual(expect.any(String));
      const listed = await memos.data('get/memory', { user_id: 'dora' });
      expect(listed).toMatchObject({ total: 0, memory_detail_list: [] });
    });
  });
};
