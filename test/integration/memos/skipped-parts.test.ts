import { expect, it } from 'vitest';
import { openService } from '../../support/in-memory-service.ts';
import { memosClient } from '../../support/memos-client.ts';

it('a task says which part of a message was skipped, and why', async () => {
  const service = await openService();
  const memos = memosClient(service.client);
  const content = [{ type: 'text', text: 'I like tea.' }, { type: 'input_audio' }];

  const task = await memos.learnt({ user_id: 'ida', messages: [{ role: 'user', content }] });

  expect(task).toMatchObject({
    status: 'completed',
    reason: 'Part 1 of message 0 is audio without a transcript, which is not read.',
  });
  await service.close();
});
