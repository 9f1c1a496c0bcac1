import { expect, it } from 'vitest';
import { openService } from '../../support/in-memory-service.ts';
import { memosClient, saying } from '../../support/memos-client.ts';
import { createScriptedModel, failing, proposing } from '../../support/scripted-model.ts';

it('a task whose copy fails is failed with the reason, and its retry refines the copy', async () => {
  const model = createScriptedModel();
  const service = await openService({ languageModel: model, refineSchedule: [] });
  const memos = memosClient(service.client);
  const shared = (user_id: string) => ({ user_id, allow_public: true });
  const text = 'The bridge is closed.';
  const add = proposing({ turn: 0, type: 'ADD', text });
  await memos.added(saying('The bridge is old.', { ...shared('eve'), async_mode: false }));
  // Public memory alone has an earlier memory.
  model.always((request, signal) =>
    (request.memories.length > 0 ? failing(new Error('broken')) : add)(request, signal),
  );

  const { task_id } = await memos.added(saying(text, shared('gil')));
  await expect.poll(async () => (await memos.task(task_id)).status).toBe('failed');
  const failed = await memos.task(task_id);
  const own = await service.client(`GET /v1/events/${task_id}`);
  model.always(add);
  const retried = await service.client(`POST /v1/events/${task_id}/retry`);
  await expect.poll(async () => (await memos.task(task_id)).status).toBe('completed');

  expect(failed.error).toMatchObject({ code: expect.any(String), retryable: true });
  expect(own.body.status).toBe('SUCCEEDED');
  expect(retried.status).toBe(200);
  const found = await memos.search('bridge', { user_id: 'zoe', relativity: 0 });
  expect(JSON.stringify(found.memory_detail_list)).toContain(text);
  await service.close();
});

it('a task is completed when a deleted knowledge base ended the copy of its turn', async () => {
  const model = createScriptedModel();
  const service = await openService({ languageModel: model });
  const memos = memosClient(service.client);
  const { id } = await memos.data('create/knowledgebase', { knowledgebase_name: 'Bridges' });
  const isDeleted = Promise.withResolvers<void>();
  const add = proposing({ turn: 0, type: 'ADD', text: 'The bridge is closed.' });
  model.always(async (request, signal) => {
    await isDeleted.promise;
    return add(request, signal);
  });
  const copied = { user_id: 'ivo', allow_knowledgebase_ids: [id] };

  const { task_id } = await memos.added(saying('The bridge is closed.', copied));
  await memos.data('delete/knowledgebase', { knowledgebase_id: id });
  isDeleted.resolve();
  await expect.poll(async () => (await memos.task(task_id)).status).toBe('completed');

  const task = await memos.task(task_id);
  expect(task).toMatchObject({ memory_views: { added: 1 }, error: null });
  await service.close();
});
