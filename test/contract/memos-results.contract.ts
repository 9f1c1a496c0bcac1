import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestService } from '../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../support/memos-client.ts';
import { proposing, rewriting, type ScriptedModel } from '../support/scripted-model.ts';
import type { MemosServices } from './memos-surface.contract.ts';

/** Results of MemOS searches: messages, sources, tags and repeats, on each store. */
export const memosResultsContract = (name: string, { open }: MemosServices): void => {
  describe(`results on ${name}`, () => {
    let service: TestService;
    let model: ScriptedModel;
    let memos: MemosClient;
    beforeAll(async () => {
      ({ service, model } = await open());
      memos = memosClient(service.client);
      service.refine();
    });
    afterAll(() => service.close());

    it('a memory shows the message that it was drawn from as its source, where that is asked for', async () => {
      const content = 'We plan a trip to Guangzhou in the summer vacation.';
      const text = 'User plans to travel to Guangzhou in the summer vacation.';
      model.next(proposing({ turn: 0, type: 'ADD', text, message: 0 }));
      await memos.learnt(saying(content));
      const answers = await Promise.all(
        ['memory', 'mixed', 'sources'].map((context_format) =>
          memos.search('travel to Guangzhou in the summer vacation', { context_format }),
        ),
      );

      const source = { message_id: expect.any(String), content };
      expect(answers.map(({ memory_detail_list: [item] }) => item)).toMatchObject([
        { memory_value: text, sources: [] },
        { memory_value: text, sources: [source] },
        { memory_value: content, sources: [source] },
      ]);
      expect(answers.map(({ memory_detail_list: list }) => list.length)).toEqual([1, 1, 1]);
    });

    it('a message of a turn that made no memory stays a result, and the task says why', async () => {
      const fields = { user_id: 'lea', tags: ['weather'] };
      const chat_time = '09:05 AM on 1 Jan, 2025';
      const content = 'The rain drummed on the roof.';
      model.next(proposing({ turn: 0, type: 'NONE', reason: 'nothing lasting was said' }));

      const done = await memos.learnt({
        ...saying('', fields),
        messages: [{ role: 'user', content, chat_time }],
      });
      const found = await memos.search('rain on the roof', { user_id: 'lea' });

      expect(done).toMatchObject({ status: 'completed', reason: 'nothing lasting was said' });
      expect(done).not.toHaveProperty('memory_views');
      expect(found.memory_detail_list).toMatchObject([
        {
          memory_value: `user: [${chat_time}]: ${content}\n`,
          memory_type: 'WorkingMemory',
          tags: ['mode:fast', 'weather'],
        },
      ]);
    });

    it('a replacement leaves the tags that do not name the replaced words', async () => {
      const fields = { user_id: 'kim', tags: ['hotels'] };
      const tags = ['sol', 'hotel'];
      model.next(proposing({ turn: 0, type: 'ADD', text: 'Hotel Sol is loud.', message: 0, tags }));
      await memos.learnt(saying('Hotel Sol is loud.', fields));
      const before = await memos.data('get/memory', { user_id: 'kim' });

      await memos.data('add/feedback', {
        user_id: 'kim',
        feedback_content: 'Replace Sol with Luna everywhere.',
      });
      const after = await memos.data('get/memory', { user_id: 'kim' });

      expect(before.memory_detail_list).toMatchObject([{ tags: [...tags, 'hotels'] }]);
      expect(after.memory_detail_list).toMatchObject([
        { memory_value: 'Hotel Luna is loud.', tags: ['hotel', 'hotels'] },
      ]);
    });

    it('a memory gets its former text back when the message that changed it is deleted', async () => {
      const say = async (content: string): Promise<string> => {
        const { task_id } = await memos.added(saying(content, { user_id: 'pia' }));
        const { body } = await service.client(`GET /v1/events/${task_id}?wait=10`);
        return body.turn_id;
      };
      model.next(
        rewriting('none', 'User lives in Oslo.'),
        rewriting('Oslo', 'User lives in Bergen.'),
      );
      await say('I live in Oslo.');
      const turn = await say('I moved to Bergen.');
      const before = await memos.data('get/memory', { user_id: 'pia' });

      const { status } = await service.client(`DELETE /v1/memories/${turn}.m0`);

      const after = await memos.data('get/memory', { user_id: 'pia' });
      const [memory] = after.memory_detail_list;
      const history = await service.client(`GET /v1/memories/${memory.id}/history`);
      expect(status).toBe(200);
      expect(before.memory_detail_list).toMatchObject([{ memory_value: 'User lives in Bergen.' }]);
      expect(after.memory_detail_list).toMatchObject([{ memory_value: 'User lives in Oslo.' }]);
      expect(JSON.stringify(history.body)).toContain('Oslo');
      expect(JSON.stringify(history.body)).not.toContain('Bergen');
    });

    it('an equal replacement is done again once the text was said again', async () => {
      const replaced = async () => {
        const feedback_content = 'Replace Ana with Anna everywhere.';
        return (await memos.data('add/feedback', { user_id: 'mia', feedback_content })).task_id;
      };
      model.next(proposing({ turn: 0, type: 'ADD', text: 'Ana is a pilot.', message: 0 }));
      await memos.learnt(saying('Ana is a pilot.', { user_id: 'mia' }));
      const [first, repeat] = [await replaced(), await replaced()];
      model.next(proposing({ turn: 0, type: 'ADD', text: 'Ana lives in Oslo.', message: 0 }));
      await memos.learnt(saying('Ana lives in Oslo.', { user_id: 'mia' }));

      const second = await replaced();

      const { memory_detail_list } = await memos.data('get/memory', { user_id: 'mia' });
      expect(repeat).toBe(first);
      expect(second).not.toBe(first);
      expect(memory_detail_list).toMatchObject([
        { memory_value: 'Anna lives in Oslo.' },
        { memory_value: 'Anna is a pilot.' },
      ]);
    });

    it('an add is no repeat once its memory was deleted, or the user said something else', async () => {
      const add = async (content: string) => {
        const { task_id } = await memos.data('add/message', saying(content, { user_id: 'lou' }));
        await service.client(`GET /v1/events/${task_id}?wait=10`);
        return task_id;
      };
      const first = await add('I live in Oslo.');
      const repeat = await add('I live in Oslo.');
      await memos.data('delete/memory', { user_id: 'lou' });
      const second = await add('I live in Oslo.');
      await add('I live in Bergen.');
      const third = await add('I live in Oslo.');

      const found = await memos.search('Oslo', { user_id: 'lou' });

      expect(repeat).toBe(first);
      expect(new Set([first, second, third]).size).toBe(3);
      expect(found.memory_detail_list.length).toBeGreaterThan(0);
    });
  });
};
