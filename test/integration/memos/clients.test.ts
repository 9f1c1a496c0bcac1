import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createFastClock } from '../../support/fast-clock.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { readSource } from '../../support/repository.ts';

const Json = z.record(z.string(), z.unknown());
const clients = z
  .array(
    z.object({
      client: z.string(),
      requests: z.array(
        z.object({
          path: z.string(),
          headers: z.record(z.string(), z.string()).optional(),
          body: Json,
          data: Json.optional(),
          finds: z.string().optional(),
        }),
      ),
    }),
  )
  .parse(JSON.parse(readSource('test/support/clients/memos/requests.json')));
type Sent = (typeof clients)[number]['requests'][number];

let service: TestService;
beforeAll(async () => {
  service = await openService();
});
afterAll(() => service.close());

const envelope = { code: 0, data: expect.any(Object), message: 'ok' };

describe.each(clients)('requests of $client', ({ requests }) => {
  const ids: { task?: string; memory?: string } = {};

  const send = async ({ path, headers = {}, body }: Sent) => {
    const filled = JSON.stringify(body)
      .replaceAll('{{task}}', ids.task ?? '')
      .replaceAll('{{memory}}', ids.memory ?? '');
    const { status, body: answer } = await service.client(`POST /api/openmem/v1/${path}`, {
      body: filled,
      headers,
    });
    const { data } = answer;
    ids.task = data?.task_id ?? ids.task;
    ids.memory = data?.memory_detail_list?.[0]?.id ?? ids.memory;
    return { status, answer, data };
  };

  it.each(requests.map((request, at) => ({ ...request, at: at + 1 })))(
    '$at: $path',
    async (request) => {
      const { status, answer, data } = await send(request);
      // Refinement goes on between the requests of a client.
      if (ids.task) await service.client(`GET /v1/events/${ids.task}?wait=10`);

      expect([status, answer]).toEqual([200, envelope]);
      expect(data).toMatchObject(request.data ?? {});
      if (request.finds === undefined) return;
      const [first] = data.memory_detail_list;
      expect(first.memory_value).toContain(request.finds);
      for (const time of [first.create_time, first.update_time])
        expect(time).toBeGreaterThan(1_600_000_000_000);
    },
  );
});

describe('a client that waits for 5 s and tries once more', () => {
  it('makes no duplicate, though its first request was refined meanwhile', async () => {
    const slow = await openService({ clock: createFastClock(50) });
    const add = {
      user_id: 'ana',
      conversation_id: 'c1',
      messages: [{ role: 'user', content: 'I like tea.' }],
    };
    const call = (path: string, body: object) =>
      slow.client(`POST /api/openmem/v1/${path}`, { body });

    const first = await call('add/message', add);
    await slow.client(`GET /v1/events/${first.body.data.task_id}?wait=10`);
    await slow.platform.clock.sleep(5_100);
    const again = await call('add/message', add);
    const other = await call('add/message', { ...add, conversation_id: 'c2' });
    await slow.client(`GET /v1/events/${other.body.data.task_id}?wait=10`);

    expect(again.body).toEqual({ ...first.body, data: { ...first.body.data } });
    expect(other.body.data.task_id).not.toBe(first.body.data.task_id);
    const said = await call('get/message', { user_id: 'ana', conversation_id: 'c1' });
    expect(said.body.data.message_detail_list).toHaveLength(1);
    await slow.close();
  });
});
