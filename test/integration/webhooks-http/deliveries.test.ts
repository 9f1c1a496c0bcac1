import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, say } from '../../support/in-memory-service.ts';
import { verified } from '../../support/verify-webhook.ts';
import { idOf } from '../../support/webhook-receiver.ts';
import {
  eventually,
  openWebhookService,
  settled,
  type WebhookService,
} from '../../support/webhook-service.ts';

let service: WebhookService;
beforeEach(async () => {
  service = await openWebhookService();
});
afterEach(() => service.close());

const add = async (text: string, user = 'ana'): Promise<string> =>
  (await service.client('POST /v1/turns', { body: say(text, user) })).body.event_id;

describe('a delivery', () => {
  it('a delivery is shown with its attempts and without secrets', async () => {
    const { client, receiver } = service;
    const endpoint = await service.register({
      event_types: ['event.pending'],
      headers: { 'X-Token': 'hush-hush' },
    });
    receiver.next({ status: 500, headers: { 'x-trace': 't1' }, body: 'Out of order.' });

    await add('I like tea');
    const [received] = await receiver.arrive(2);
    const [listed] = await settled(client, endpoint.id);
    const { body } = await client(`GET /v1/deliveries/${listed.id}`);

    const { attempts, ...delivery } = body;
    expect(delivery).toEqual(listed);
    expect(delivery).toMatchObject({
      endpoint_id: endpoint.id,
      notification_id: received && idOf(received),
      event_type: 'event.pending',
      status: 'succeeded',
      attempt_count: 2,
      trigger: 'schedule',
      next_attempt_at: null,
      last_status: 200,
      last_error: null,
      completed_at: expect.any(String),
    });
    expect(attempts).toMatchObject([
      {
        number: 1,
        trigger: 'schedule',
        url: receiver.url,
        ok: false,
        error: 'http_5xx',
        status: 500,
        response_headers: { 'x-trace': 't1' },
        response_body: 'Out of order.',
        response_truncated: false,
        remote_ip: '127.0.0.1',
      },
      { number: 2, ok: true, error: null, status: 200 },
    ]);
    expect(attempts[0].durations.total).toBeGreaterThan(0);
    expect(attempts[0].request_headers).toMatchObject({
      'webhook-id': received && idOf(received),
      'webhook-signature': '[redacted]',
      'x-token': '[redacted]',
    });
    expect(JSON.stringify(body)).not.toMatch(/hush-hush|whsec_|v1,/);
  });

  it('a failed attempt shows its cause', async () => {
    const { client, receiver } = service;
    const endpoint = await service.register({ event_types: ['event.pending'] });
    receiver.next({ status: 302, headers: { location: receiver.url } }, { status: 404 });
    receiver.usually({ status: 503 });

    await add('I like tea');
    const [listed] = await settled(client, endpoint.id);
    const { body } = await client(`GET /v1/deliveries/${listed.id}`);

    expect(listed).toMatchObject({ status: 'exhausted', last_status: 503, attempt_count: 3 });
    expect(body.attempts.map((each: { error: string }) => each.error)).toEqual([
      'redirect',
      'http_4xx',
      'http_5xx',
    ]);
    expect(receiver.received).toHaveLength(3);
  });

  it('deliveries are listed by status and time, in pages', async () => {
    const { client, receiver } = service;
    const endpoint = await service.register({ event_types: ['event.pending'] });
    receiver.next({ status: 200 }, { status: 410 });
    await finalEvent(client, await add('one'));
    await settled(client, endpoint.id);
    await finalEvent(client, await add('two'));
    await eventually(client, `GET /v1/endpoints/${endpoint.id}`, (is) => is.status === 'disabled');
    const list = (query: string) =>
      client(`GET /v1/endpoints/${endpoint.id}/deliveries?${query}`).then(({ body }) => body);

    const [all, succeeded, later, seconds] = [
      await list(''),
      await list('status=succeeded'),
      await list(`since=${new Date(Date.now() + 60_000).toISOString()}`),
      await list(`since=${Math.floor(Date.now() / 1_000) - 60}`),
    ];
    const first = await list('limit=1');
    const second = await list(`limit=1&after=${encodeURIComponent(first.cursor)}`);

    expect(all.results).toHaveLength(2);
    expect(Date.parse(all.results[0].created_at)).toBeGreaterThanOrEqual(
      Date.parse(all.results[1].created_at),
    );
    expect(succeeded.results.map(({ id }: { id: string }) => id)).toEqual([all.results[1].id]);
    expect(later.results).toEqual([]);
    expect(seconds.results).toEqual(all.results);
    expect([...first.results, ...second.results]).toEqual(all.results);
    expect(first.next).toContain(`after=${encodeURIComponent(first.cursor)}`);
  });

  it('an exhausted delivery is sent once more on request', async () => {
    const { client, receiver } = service;
    const endpoint = await service.register({ event_types: ['event.pending'] });
    receiver.usually({ status: 500 });
    await add('I like tea');
    const [given] = await settled(client, endpoint.id);

    const failed = await client(`POST /v1/deliveries/${given.id}/resend`);
    const stays = await eventually(
      client,
      `GET /v1/deliveries/${given.id}`,
      (body) => body.attempts.length === 4 && body.status !== 'leased',
    );
    receiver.usually({ status: 200 });
    await client(`POST /v1/deliveries/${given.id}/resend`);
    const done = await eventually(
      client,
      `GET /v1/deliveries/${given.id}`,
      (body) => body.status === 'succeeded',
    );

    expect(failed).toMatchObject({ status: 202, body: { id: given.id } });
    expect(stays).toMatchObject({ status: 'exhausted' });
    expect(done.attempts.at(-1)).toMatchObject({ number: 5, trigger: 'manual', ok: true });
    expect(new Set(receiver.received.map(idOf)).size).toBe(1);
  });
});

describe('a test ping', () => {
  it('a test is sent at once and shows its result, also while paused', async () => {
    const { client, receiver } = service;
    const { id, secret } = await service.register({ event_types: ['memory_add'] });
    await client(`POST /v1/endpoints/${id}/pause`);

    const sent = await client(`POST /v1/endpoints/${id}/test`);
    const [ping] = await receiver.arrive(1);
    const done = await eventually(
      client,
      `GET /v1/deliveries/${sent.body.id}`,
      (body) => body.status === 'succeeded',
    );

    expect(sent.status).toBe(202);
    expect(ping && verified(secret, ping)).toMatchObject({
      type: 'endpoint.test',
      data: { endpoint_id: id },
    });
    expect(done.attempts).toMatchObject([{ number: 1, trigger: 'test', ok: true, status: 200 }]);
  });

  it('a failed test is not retried', async () => {
    const { client, receiver } = service;
    const { id } = await service.register();
    receiver.usually({ status: 500 });

    const sent = await client(`POST /v1/endpoints/${id}/test`);
    const done = await eventually(
      client,
      `GET /v1/deliveries/${sent.body.id}`,
      (body) => body.status === 'exhausted',
    );

    expect(done.attempts).toHaveLength(1);
    expect(receiver.received).toHaveLength(1);
  });
});
