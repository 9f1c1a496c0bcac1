import { expect, it } from 'vitest';
import type { FileFetcher } from '../../../shared/ports/file-fetcher.ts';
import { createFastClock } from '../../support/fast-clock.ts';
import { openService } from '../../support/in-memory-service.ts';
import { memosClient } from '../../support/memos-client.ts';

it('a file of a knowledge base whose link was busy is read by a retry of its task', async () => {
  let isBusy = true;
  const fileFetcher: FileFetcher = {
    fetch: async () =>
      isBusy
        ? { ok: false, reason: 'The server is busy.', retryable: true }
        : { ok: true, bytes: Buffer.from('The turret opens at nine.') },
  };
  const service = await openService({ fileFetcher, clock: createFastClock(50) });
  const memos = memosClient(service.client);
  const { id } = await memos.data('create/knowledgebase', { knowledgebase_name: 'Hours' });
  const fileState = async () =>
    (await memos.data('get/knowledgebase-file', { knowledgebase_id: id })).file_detail_list[0];
  const file = [{ content: 'https://example.com/hours.txt' }];
  const [{ task_id }] = await memos.data('add/knowledgebase-file', { knowledgebase_id: id, file });
  await expect.poll(async () => (await memos.task(task_id)).status).toBe('failed');
  const [failed, shown] = [await memos.task(task_id), await fileState()];
  isBusy = false;

  const retried = await service.client(`POST /v1/events/${task_id}/retry`);
  await expect.poll(async () => (await memos.task(task_id)).status).toBe('completed');

  expect(failed.error).toMatchObject({ message: 'The server is busy.', retryable: true });
  expect(shown).toMatchObject({ status: 'failed', error: 'The server is busy.' });
  expect(retried.status).toBe(200);
  expect(await fileState()).toMatchObject({ status: 'completed' });
  const found = await memos.search('turret', { knowledgebase_ids: [id], relativity: 0 });
  expect(JSON.stringify(found.memory_detail_list)).toContain('opens at nine');
  await service.close();
});

it('a file of a knowledge base that cannot be read has failed by its task, too', async () => {
  const service = await openService();
  const memos = memosClient(service.client);
  const { id } = await memos.data('create/knowledgebase', { knowledgebase_name: 'Bytes' });
  const content = Buffer.from('\x00\x01\x02\x03'.repeat(50)).toString('base64');
  const added = { knowledgebase_id: id, file: [{ name: 'a.bin', content }] };

  const [{ task_id }] = await memos.data('add/knowledgebase-file', added);
  await service.client(`GET /v1/events/${task_id}?wait=10`);

  const files = await memos.data('get/knowledgebase-file', { knowledgebase_id: id });
  const { error, status } = files.file_detail_list[0];
  expect(status).toBe('failed');
  expect(await memos.task(task_id)).toMatchObject({
    status: 'failed',
    error: { code: 'file_failed', message: error, retryable: false },
  });
  await service.close();
});
