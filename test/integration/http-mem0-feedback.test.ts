import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { giveFeedback } from '../../shared/core/memories/give-feedback.ts';
import { updateMemory } from '../../shared/core/memories/update-memory.ts';
import { memoryKey } from '../../shared/domain/table/keys.ts';
import { openCoreFixture, project } from '../support/core-fixture.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { openMemoryService } from '../support/memory-service.ts';
import { rewriting } from '../support/scripted-model.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService();
});
afterEach(() => service.close());

const store = async (content: string): Promise<string> => {
  const { body } = await service.client('POST /v3/memories/add/', {
    body: { ...say(content), infer: false },
  });
  return body.results[0].id;
};
const give = (id: string, feedback: unknown, reason?: string) =>
  service.client('POST /v1/feedback/', {
    body: { memory_id: id, feedback, ...(reason === undefined ? {} : { feedback_reason: reason }) },
  });
const get = async (id: string) => (await service.client(`GET /v1/memories/${id}/`)).body;

describe('feedback on a memory', () => {
  it('feedback is answered and shown on the memory, in a lookup and in a list', async () => {
    const id = await store('I like tea');

    const given = await give(id, 'NEGATIVE', 'It is coffee.');

    const shown = { feedback: 'NEGATIVE', feedback_reason: 'It is coffee.' };
    const listed = await service.client('GET /v1/memories/?user_id=alice');
    expect(given).toMatchObject({ status: 200, body: { id, ...shown } });
    expect(await get(id)).toMatchObject({ memory: 'I like tea', ...shown });
    expect(listed.body).toMatchObject([{ id, ...shown }]);
  });

  it('a memory without feedback has null', async () => {
    expect(await get(await store('I like tea'))).toMatchObject({
      feedback: null,
      feedback_reason: null,
    });
  });

  it('later feedback replaces the earlier one with its reason, and null clears it', async () => {
    const id = await store('I like tea');
    await give(id, 'VERY_NEGATIVE', 'No.');

    await give(id, 'positive');
    const replaced = await get(id);
    const cleared = await give(id, null);

    expect(replaced).toMatchObject({ feedback: 'POSITIVE', feedback_reason: null });
    expect(cleared.body).toEqual({ id, feedback: null, feedback_reason: null });
    expect(await get(id)).toMatchObject({ feedback: null });
  });

  it('feedback changes neither the times nor the history of the memory, and is no event', async () => {
    const id = await store('I like tea');
    const before = await get(id);

    await give(id, 'POSITIVE');

    const history = await service.client(`GET /v1/memories/${id}/history/`);
    const events = await service.client('GET /v1/events/?event_type=UPDATE');
    expect(await get(id)).toEqual({ ...before, feedback: 'POSITIVE' });
    expect(history.body).toHaveLength(1);
    expect(events.body.count).toBe(0);
  });

  it('a memory with feedback is still found by the very next search', async () => {
    const id = await store('I like tea');
    await give(id, 'POSITIVE');

    const found = await service.client('POST /v3/memories/search/', {
      body: { query: 'tea', filters: { user_id: 'alice' } },
    });

    expect(found.body.results).toMatchObject([{ id }]);
  });

  it('an edit keeps the feedback', async () => {
    const id = await store('I like tea');
    await give(id, 'POSITIVE', 'Right.');
    await service.client(`PUT /v1/memories/${id}/`, { body: { text: 'I like mate' } });

    expect(await get(id)).toMatchObject({ memory: 'I like mate', feedback_reason: 'Right.' });
  });

  it('an immutable memory takes feedback', async () => {
    const { body } = await service.client('POST /v3/memories/add/', {
      body: { ...say('I like tea'), infer: false, immutable: true },
    });

    expect((await give(body.results[0].id, 'POSITIVE')).status).toBe(200);
  });
});

describe('feedback on a rough memory', () => {
  it('feedback on a rough memory is shown, and taken over by the memory that it becomes', async () => {
    await service.close();
    service = await openService({ refines: false });
    const { body } = await service.client('POST /v1/turns', { body: say('I like tea') });
    await give(body.turn_id, 'POSITIVE', 'Right.');
    const rough = await get(body.turn_id);
    service.refine();
    await finalEvent(service.client, body.event_id);

    const refined = await get(body.turn_id);

    expect(rough).toMatchObject({ type: 'rough', feedback: 'POSITIVE' });
    expect(refined).toMatchObject({
      type: 'refined',
      feedback: 'POSITIVE',
      feedback_reason: 'Right.',
    });
  });
});

describe('feedback that is refused', () => {
  it.each([
    ['01990000-0000-7000-8000-000000000000', 'POSITIVE', 404, 'memory_not_found', undefined],
    ['tea', 'POSITIVE', 400, 'invalid_request', 'memory_id'],
    [undefined, 'POSITIVE', 400, 'invalid_request', 'memory_id'],
    ['01990000-0000-7000-8000-000000000000', 'GOOD', 400, 'invalid_request', 'feedback'],
    ['01990000-0000-7000-8000-000000000000', 5, 400, 'invalid_request', 'feedback'],
  ])('feedback on %s of the value %s is %i %s', async (id, value, status, code, field) => {
    const answer = await service.client('POST /v1/feedback/', {
      body: { memory_id: id, feedback: value },
    });

    expect([answer.status, answer.body.code, answer.body.field]).toEqual([status, code, field]);
  });

  it('feedback on a deleted memory is 404', async () => {
    const id = await store('I like tea');
    await service.client(`DELETE /v1/memories/${id}/`);

    expect((await give(id, 'POSITIVE')).status).toBe(404);
  });

  it('feedback on a message is 409', async () => {
    const { body } = await service.client('POST /v1/turns', { body: say('I like tea') });
    await finalEvent(service.client, body.event_id);

    const answer = await give(`${body.turn_id}.m0`, 'POSITIVE');

    expect([answer.status, answer.body.code]).toEqual([409, 'message_is_source']);
  });

  it('feedback on a memory that is no longer true is 409', async () => {
    await service.close();
    const memories = await openMemoryService();
    service = memories;
    memories.model.next(rewriting('nothing', 'Lives in Oslo.'), rewriting('Oslo', 'In Bergen.'));
    const id = await memories.learn('I live in Oslo.');
    await memories.learn('I moved from Oslo to Bergen.');

    const answer = await give(`${id}.v1`, 'POSITIVE');

    expect([answer.status, answer.body.code]).toEqual([409, 'memory_closed']);
  });
});

describe('concurrent writers', () => {
  it('neither the edit nor the feedback is lost when both write at once', async () => {
    const core = openCoreFixture();
    const [id = ''] = await core.learn('A heron nests by the mill.');

    await Promise.all([
      updateMemory(core.platform, project, id, { text: 'A heron nests by the lake.' }),
      giveFeedback(core.platform, project, id, { value: 'NEGATIVE', reason: 'No.' }),
    ]);

    const item = await core.platform.store.get(memoryKey(project, id));
    expect(item).toMatchObject({
      text: 'A heron nests by the lake.',
      feedback: { value: 'NEGATIVE', reason: 'No.' },
    });
  });
});

it('a deletion erases the feedback with the memory', async () => {
  const id = await store('I like tea');
  await give(id, 'NEGATIVE', 'It is coffee.');
  await service.client(`DELETE /v1/memories/${id}/`);

  const { project_id: own } = (await service.client('GET /v1/ping/')).body;
  const item = await service.platform.store.get(memoryKey(own, id));

  expect(item?.state).toBe('deleted');
  expect(JSON.stringify(item)).not.toContain('coffee');
});
