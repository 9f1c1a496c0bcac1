import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestService } from '../support/in-memory-service.ts';
import { type MemosClient, memosClient } from '../support/memos-client.ts';
import { proposing, type ScriptedModel } from '../support/scripted-model.ts';
import type { MemosServices } from './memos-surface.contract.ts';

const tuesday = Date.parse('2025-12-09T08:00Z');
const friday = Date.parse('2025-12-12T18:30Z');

const messages = [
  { role: 'user', content: 'I flew to Oslo yesterday.', chat_time: '2025/12/09 08:00' },
  { role: 'assistant', content: 'Have a good stay.' },
  { role: 'user', content: 'I came home yesterday.', chat_time: '06:30 PM on 12 December, 2025' },
];

const texts = ['User flew to Oslo on 2025-12-08.', 'User came home on 2025-12-11.'] as const;

/** Times of the messages of one add, on each store. */
export const memosTimesContract = (name: string, { open }: MemosServices): void => {
  describe(`messages of one add at several times on ${name}`, () => {
    let service: TestService;
    let model: ScriptedModel;
    let memos: MemosClient;
    let task: string;
    beforeAll(async () => {
      ({ service, model } = await open());
      memos = memosClient(service.client);
      model.next(
        proposing(
          { turn: 0, type: 'ADD', text: texts[0], message: 0 },
          { turn: 0, type: 'ADD', text: texts[1], message: 2 },
        ),
      );
      const body = { user_id: 'ana', conversation_id: '0610', messages };
      ({ task_id: task } = await memos.added(body));
    });
    afterAll(() => service.close());

    it('the rough memory has the time of each line', async () => {
      const found = await memos.search('Oslo');

      expect(found.memory_detail_list).toMatchObject([
        {
          memory_value: [
            'user: [2025/12/09 08:00]: I flew to Oslo yesterday.\n',
            'assistant: [08:00 AM on 09 December, 2025 UTC]: Have a good stay.\n',
            'user: [06:30 PM on 12 December, 2025]: I came home yesterday.\n',
          ].join(''),
          create_time: friday,
        },
      ]);
    });

    it('get/message shows each message at its time', async () => {
      const said = { user_id: 'ana', conversation_id: '0610' };

      const { message_detail_list } = await memos.data('get/message', said);

      expect(message_detail_list).toMatchObject(
        [tuesday, tuesday, friday].map((create_time) => ({ create_time })),
      );
    });

    it('each memory has the time of the message that it was drawn from', async () => {
      service.refine();
      await service.client(`GET /v1/events/${task}?wait=10`);

      const { memory_detail_list } = await memos.data('get/memory', { user_id: 'ana' });

      expect(memory_detail_list).toMatchObject([
        { memory_value: texts[1], create_time: friday },
        { memory_value: texts[0], create_time: tuesday },
      ]);
      expect(model.requests[0]?.turns[0]?.messages).toMatchObject(
        [tuesday, tuesday, friday].map((saidAt) => ({ saidAt })),
      );
    });
  });
};
