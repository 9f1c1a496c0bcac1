import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import type { Store } from '../../shared/ports/store.ts';
import { openTable } from '../support/dynamodb-table.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let store: Store;
let service: TestService;
beforeAll(async () => {
  const clock = systemClock;
  store = createDynamoDbStore({ ...(await openTable()), clock, ids: createIds(clock) });
  service = await openService({ store });
});
afterAll(async () => {
  await service.close();
  await store.close();
});

const add = (content: string, user: string, fields: object) =>
  service.client('POST /v1/turns', { body: { ...say(content, user), ...fields } });

const typesOf = async (user: string): Promise<string[]> => {
  const body = { filters: { user_id: user } };
  const { results } = (await service.client('POST /v3/memories', { body })).body;
  return results.map(({ type }: { type: string }) => type);
};

const post = async (path: string, body?: object) =>
  (await service.client(`POST /v1/${path}`, body ? { body } : {})).body;

describe('processing on DynamoDB', () => {
  it('held turns on DynamoDB wait, and a request refines and counts them', async () => {
    await add('one', 'ann', { auto_process: false });
    await add('two', 'ann', { auto_process: false });
    const waiting = await post('users/ann/wait');
    const before = await typesOf('ann');

    const task = await post('users/ann/process?wait=20');

    expect(waiting).toMatchObject({ status: 'completed', knowledge_count: 0 });
    expect(before).toEqual(['rough', 'rough']);
    expect(task).toMatchObject({ status: 'completed', knowledge_count: 2 });
    expect(await typesOf('ann')).toEqual(['refined', 'refined']);
  });

  it('a threshold on DynamoDB is reached by the turns together', async () => {
    for (const text of ['one', 'two', 'three']) await add(text, 'bo', { batch_threshold: 3 });

    expect(await post('users/bo/wait', { timeout: 20 })).toMatchObject({ status: 'completed' });
    expect(await typesOf('bo')).toEqual(['refined', 'refined', 'refined']);
  });

  it('a cancelled task on DynamoDB leaves its turns waiting, and a later one refines them', async () => {
    const waiting = await openService({ store, refines: false });
    await waiting.client('POST /v1/turns', { body: { ...say('one', 'cy'), auto_process: false } });
    const { body: task } = await waiting.client('POST /v1/users/cy/process');
    const { body: cancelled } = await waiting.client(`POST /v1/tasks/${task.task_id}/cancel`);
    await waiting.close();

    const later = await post('users/cy/flush', { timeout: 20 });

    expect(cancelled).toMatchObject({ status: 'cancelled', done: true });
    expect(later).toMatchObject({ status: 'completed', knowledge_count: 1 });
  });

  it('settings of a user on DynamoDB are kept, and its tasks are listed by pages', async () => {
    await service.client('PUT /v1/users/di/settings', { body: { auto_process: false } });
    for (const text of ['one', 'two']) {
      await add(text, 'di', {});
      await post('users/di/flush', { timeout: 20 });
    }

    const { body: first } = await service.client('GET /v1/users/di/tasks?limit=1');
    const after = encodeURIComponent(first.cursor);
    const { body: rest } = await service.client(`GET /v1/users/di/tasks?limit=1&after=${after}`);

    expect((await service.client('GET /v1/users/di/settings')).body.own).toEqual(['auto_process']);
    expect([...first.results, ...rest.results].map(({ status }) => status)).toEqual([
      'completed',
      'completed',
    ]);
    expect(rest.next).toBeNull();
  });
});
