import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/http-client.ts';
import { type Answer, type Client, say } from '../support/in-memory-service.ts';
import { isRefused, verified } from '../support/verify-webhook.ts';
import { idOf, type Received, type Receiver } from '../support/webhook-receiver.ts';
import { eventually } from '../support/webhook-service.ts';

const user = 'nora';
const timeoutMs = 40_000;
/** Pause between polls, since the service needs the CPU. */
const pauseMs = 150;

/** Contract of every platform for a customer who registers an endpoint and uses all its routes, over HTTP. */
export const describeWebhooks = (
  running: () => { url: string; apiKey: string; receiver: Receiver },
): void => {
  describe('a customer with an endpoint', () => {
    let receiver: Receiver;
    let client: Client;
    let endpoint: Answer['body'];
    let path: string;

    beforeAll(async () => {
      const service = running();
      receiver = service.receiver;
      client = httpClient(service.url, service.apiKey);
      const body = {
        url: `${receiver.url}/nora`,
        // Without memory_categorize, since not every model of the tests gives categories.
        event_types: ['event.*', 'memory_add', 'memory_update', 'memory_delete'],
        filters: { user_id: user },
        headers: { 'x-shop': 'blue' },
        ordered: true,
      };
      endpoint = (await client('POST /v1/endpoints', { body })).body;
      path = `/v1/endpoints/${endpoint.id}`;
    });

    afterAll(async () => {
      await client(`DELETE ${path}`);
    });

    const look: Client = async (...request) => {
      await sleep(pauseMs);
      return client(...request);
    };
    const posts = (): Received[] => receiver.received.filter(({ path }) => path.endsWith('/nora'));
    /** Waits for further POSTs and returns them. */
    const furtherPosts = async (before: number, count: number): Promise<Received[]> => {
      await expect
        .poll(() => posts().length, { timeout: timeoutMs })
        .toBeGreaterThanOrEqual(before + count);
      return posts().slice(before);
    };
    const add = async (text: string): Promise<string> =>
      (await client('POST /v1/turns', { body: say(text, user) })).body.event_id;
    const deliveries = async (
      isThere: (results: Answer['body'][]) => boolean,
    ): Promise<Answer['body'][]> => {
      const request = `GET ${path}/deliveries?limit=100`;
      return (await eventually(look, request, ({ results }) => isThere(results), timeoutMs))
        .results;
    };

    it('an endpoint gets a turn, what is learnt, changed and deleted, all verified and in order', async () => {
      const lived = await add('I live in San Francisco.');
      await furtherPosts(0, 3);
      const moved = await add('I moved to Seattle.');
      const [, added] = (await furtherPosts(0, 6)).map((each) => verified(endpoint.secret, each));
      await client(`DELETE /v1/memories/${added.data.memory_id}`);
      const requests = await furtherPosts(0, 7);

      const facts = requests.map((each) => verified(endpoint.secret, each));
      expect(facts.map(({ type, data }) => [type, data.event_id])).toEqual([
        ['event.pending', lived],
        ['memory_add', lived],
        ['event.succeeded', lived],
        ['event.pending', moved],
        ['memory_update', moved],
        ['event.succeeded', moved],
        ['memory_delete', expect.any(String)],
      ]);
      expect(facts[1].data.new_text).toContain('San Francisco');
      expect(facts[4].data).toMatchObject({
        memory_id: added.data.memory_id,
        old_text: added.data.new_text,
        new_text: expect.stringContaining('Seattle'),
      });
      expect(new Set(requests.map(idOf)).size).toBe(7);
      expect(requests.map(({ headers }) => headers['x-shop'])).toEqual(requests.map(() => 'blue'));
    }, 120_000);

    it('an endpoint gets a failed delivery again, and each attempt is listed', async () => {
      const before = posts().length;
      receiver.next({ status: 503, headers: { 'retry-after': '1' } });

      await add('I keep bees.');
      const ids = (await furtherPosts(before, 4)).map(idOf);
      const results = await deliveries((all) => all.every(isTaken));
      const retried = results.find((each) => each.notification_id === ids[0]);
      const { body } = await client(`GET /v1/deliveries/${retried?.id}`);

      expect(ids[1]).toBe(ids[0]);
      expect(new Set(ids).size).toBe(3);
      expect(body).toMatchObject({ event_type: 'event.pending', attempt_count: 2 });
      expect(body.attempts).toMatchObject([
        { ok: false, status: 503 },
        { ok: true, status: 200 },
      ]);
    }, 60_000);

    it('after a rotation both secrets are valid for a while', async () => {
      const before = posts().length;
      const shown = await client(`GET ${path}/secret`);

      const rotated = await client(`POST ${path}/secret/rotate`, { body: {} });
      await client(`POST ${path}/test`);
      const [request] = await furtherPosts(before, 1);

      expect(shown.body.secret).toBe(endpoint.secret);
      expect(rotated.body.secret).not.toBe(endpoint.secret);
      for (const secret of [endpoint.secret, rotated.body.secret])
        expect(request && verified(secret, request)).toMatchObject({ type: expect.any(String) });
      expect(request && isRefused(`whsec_${btoa('x'.repeat(24))}`, request)).toBe(true);
    }, 60_000);

    it('a paused endpoint gets the queued deliveries when it is resumed', async () => {
      await deliveries((all) => all.every(isTaken));
      const before = posts().length;
      await client(`POST ${path}/pause`);
      const event = await add('I row.');
      await deliveries((all) => all.some(isQueued));
      const meanwhile = posts().length;

      await client(`POST ${path}/resume`);
      const requests = await furtherPosts(before, 3);

      expect(meanwhile).toBe(before);
      const ids = requests.map((each) => verified(endpoint.secret, each).data.event_id);
      expect(ids).toEqual([event, event, event]);
    }, 90_000);

    it('a customer resends one delivery, and recovers all of a period', async () => {
      const results = await deliveries((all) => all.every(isTaken));
      const before = posts().length;

      await client(`POST /v1/deliveries/${results[0]?.id}/resend`);
      const [resent] = await furtherPosts(before, 1);
      await deliveries((all) => all.every(isTaken));
      const asked = await client(`POST ${path}/recover`, {
        body: { since: endpoint.created_at, which: 'all' },
      });
      const recovery = await eventually(
        look,
        `GET ${path}/recover/${asked.body.id}`,
        ({ status }) => status === 'succeeded',
        timeoutMs,
      );
      const again = (await furtherPosts(before + 1, recovery.recovered)).map(idOf);

      expect(resent && idOf(resent)).toBe(results[0]?.notification_id);
      expect(again.length).toBeGreaterThan(10);
      expect(new Set(again).size).toBe(again.length);
      expect(results.map((each) => each.notification_id)).toEqual(expect.arrayContaining(again));
    }, 120_000);

    it('a customer polls notifications, and deletes the endpoint', async () => {
      const polled = await client('GET /v1/notifications?limit=100');
      const paused = await client(`POST ${path}/pause`);
      await client(`POST ${path}/test`);

      const deleted = await client(`DELETE ${path}`);
      const gone = await client(`GET ${path}`);

      expect(polled.status).toBe(200);
      expect(polled.body.cursor).toEqual(expect.any(String));
      expect([paused.body.status, deleted.status, gone.status]).toEqual(['paused', 200, 404]);
    });
  });
};

const isQueued = ({ status }: Answer['body']): boolean => status === 'queued';
const isTaken = ({ status }: Answer['body']): boolean => status === 'succeeded';
