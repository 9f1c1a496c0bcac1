import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createClient,
  type MemoryClient,
  type ProcessingOptions,
  TimeoutError,
} from '../../functions/library/client.ts';
import {
  converse,
  converseWithAutoProcess,
  finishConversation,
  processAndWait,
  processInBackground,
} from '../examples/memory/processing.ts';
import { httpClient } from '../support/http-client.ts';
import type { Answer, Client } from '../support/in-memory-service.ts';
import { verified } from '../support/verify-webhook.ts';
import type { Received, Receiver } from '../support/webhook-receiver.ts';

const timeout = 40_000;

/** Contract of every platform for processing in the manner of memv, by the client and over HTTP. */
export const describeMemv = (
  running: () => { url: string; apiKey: string; receiver: Receiver },
): void => {
  describe('processing on request', () => {
    let client: Client;
    let receiver: Receiver;
    let endpoint: Answer['body'];
    const opened: MemoryClient[] = [];

    const open = (options: ProcessingOptions = {}): MemoryClient => {
      const { url, apiKey } = running();
      const memory = createClient({ url, apiKey, ...options });
      opened.push(memory);
      return memory;
    };

    beforeAll(async () => {
      const service = running();
      receiver = service.receiver;
      client = httpClient(service.url, service.apiKey);
      const body = { url: `${receiver.url}/memv`, event_types: ['task.*'] };
      endpoint = (await client('POST /v1/endpoints', { body })).body;
    });
    afterAll(async () => {
      await client(`DELETE /v1/endpoints/${endpoint.id}`);
      for (const memory of opened) await memory.close();
    });

    const typesOf = async (memory: MemoryClient, userId: string) => {
      const { results } = await memory.getAll({ userId });
      return [...new Set(results.map(({ type }) => type))];
    };
    const posts = (): Received[] => receiver.received.filter(({ path }) => path.endsWith('/memv'));

    it('exchanges wait and are found until a request refines and counts them', async () => {
      const memory = open();
      await converse(memory, 'memv/1');
      const waiting = await typesOf(memory, 'memv/1');

      const count = await processAndWait(memory, 'memv/1');

      expect(waiting).toEqual(['rough']);
      expect(count).toBeGreaterThan(0);
      expect(await typesOf(memory, 'memv/1')).toEqual(['refined']);
    });

    it('a task in the background is looked up, listed and announced to an endpoint', async () => {
      const memory = open();

      const { task, found, count } = await processInBackground(memory, 'memv/2');

      const { body } = await client('GET /v1/users/memv%2F2/tasks');
      const [listed] = body.results;
      const looked = await client(`GET /v1/tasks/${listed.task_id}?wait=1`);
      expect(found).toBeGreaterThan(0);
      expect(task).toMatchObject({ status: 'COMPLETED', knowledgeCount: count, done: true });
      expect(looked.body).toMatchObject({ status: 'completed', knowledge_count: count });
      await expect
        .poll(() => posts().map((each) => verified(endpoint.secret, each)), { timeout })
        .toContainEqual(
          expect.objectContaining({
            type: 'task.succeeded',
            data: expect.objectContaining({ task_id: listed.task_id, user_id: 'memv/2' }),
          }),
        );
    }, 60_000);

    it('five exchanges reach the threshold of ten messages and are refined by themselves', async () => {
      const memory = open({ autoProcess: true, batchThreshold: 10 });

      expect(await converseWithAutoProcess(memory, 'memv/3')).toBeGreaterThan(0);
      expect(await typesOf(memory, 'memv/3')).toEqual(['refined']);
    });

    it('a flush at the end refines fewer messages than the threshold', async () => {
      const memory = open({ autoProcess: true });

      expect(await finishConversation(memory, 'memv/4')).toBe(1);
    });

    it('a wait that times out rejects with TimeoutError, and the work goes on', async () => {
      const memory = open();
      await converse(memory, 'memv/5');
      const task = memory.processAsync('memv/5');

      const waited = memory.waitForProcessing('memv/5', { timeout: 0.001 });

      await expect(waited).rejects.toBeInstanceOf(TimeoutError);
      expect(await task.wait()).toBeGreaterThan(0);
    });

    it('a task that is cancelled before its end is done, and its exchanges are refined later', async () => {
      const memory = open();
      await expect
        .poll(
          async () => {
            await converse(memory, 'memv/6');
            const { body } = await client('POST /v1/users/memv%2F6/process');
            return client(`POST /v1/tasks/${body.task_id}/cancel`);
          },
          { timeout },
        )
        .toMatchObject({ status: 200, body: { status: 'cancelled', done: true } });

      await memory.flush('memv/6');

      expect(await typesOf(memory, 'memv/6')).toEqual(['refined']);
    }, 60_000);

    it('settings of a user hold for what is added later, and go with the user', async () => {
      const memory = open({ autoProcess: true, batchThreshold: 1 });
      await client('PUT /v1/users/memv%2F7/settings', { body: { auto_process: false } });
      await client('POST /v1/turns', {
        body: { user_id: 'memv/7', messages: [{ role: 'user', content: 'I live in Oslo.' }] },
      });
      const waiting = await typesOf(memory, 'memv/7');

      const deleted = await client('DELETE /v1/users/memv%2F7');

      expect(waiting).toEqual(['rough']);
      expect([200, 202]).toContain(deleted.status);
      expect((await client('GET /v1/users/memv%2F7/settings')).body.own).toEqual([]);
      expect(await typesOf(memory, 'memv/7')).toEqual([]);
    });
  });
};
