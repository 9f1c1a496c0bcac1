import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../../support/in-memory-service.ts';
import { verified } from '../../support/verify-webhook.ts';
import { eventually, settled } from '../../support/webhook-service.ts';

const inspectorUrl = 'https://inspector.invalid/';

let service: TestService;
beforeEach(async () => {
  service = await openService({ webhookSchedule: [0, 0, 0] });
});
afterEach(() => service.close());

const register = async (fields: object = {}, client = service.client) => {
  const body = { url: inspectorUrl, event_types: ['*'], ...fields };
  const { status, body: created } = await client('POST /v1/endpoints', { body });
  expect([status, created]).toEqual([201, expect.any(Object)]);
  return created;
};
const received = async (count: number, client = service.client) =>
  (await eventually(client, 'GET /v1/inspector', ({ requests }) => requests.length >= count))
    .requests;
const learn = async (text: string) => {
  const { body } = await service.client('POST /v1/turns', { body: say(text) });
  return finalEvent(service.client, body.event_id);
};

describe('the inspector', () => {
  it('a webhook is shown as a receiver gets it, signed by the secret of its endpoint', async () => {
    const { secret } = await register({ event_types: ['memory_add'] });
    const { results } = await learn('I like tea');

    const [request] = await received(1);

    expect(request).toMatchObject({
      url: inspectorUrl,
      event_type: 'memory_add',
      status: 204,
      headers: { 'content-type': 'application/json', 'webhook-id': request.notification_id },
      payload: { type: 'memory_add' },
    });
    expect(JSON.stringify(request.payload)).toContain(results[0].memory);
    const { headers, payload } = request;
    const body = Buffer.from(JSON.stringify(payload));
    expect(verified(secret, { at: 0, path: '/', headers, body })).toEqual(payload);
  });

  it('the delivery succeeds like that to any other receiver', async () => {
    const { id } = await register({ event_types: ['event.succeeded'] });
    await learn('I like tea');

    const deliveries = await settled(service.client, id);

    expect(deliveries).toMatchObject([{ status: 'succeeded', last_status: 204 }]);
  });

  it('a status in the URL makes the inspector answer so, and each retry is shown', async () => {
    const { id } = await register({
      url: `${inspectorUrl}?status=503`,
      event_types: ['event.succeeded'],
    });
    await learn('I like tea');
    const deliveries = await settled(service.client, id);

    const requests = await received(3);

    expect(deliveries).toMatchObject([{ status: 'exhausted', last_status: 503 }]);
    expect(requests.map(({ status }: { status: number }) => status)).toEqual([503, 503, 503]);
    expect(
      new Set(requests.map((one: { notification_id: string }) => one.notification_id)).size,
    ).toBe(1);
  });

  it('values of headers that the customer chose are not shown', async () => {
    await register({ headers: { 'x-token': 'SECRET-TOKEN' }, event_types: ['event.succeeded'] });
    await learn('I like tea');

    const requests = await received(1);

    expect(requests[0].headers['x-token']).toBe('[redacted]');
    expect(JSON.stringify(requests)).not.toContain('SECRET-TOKEN');
  });

  it('another project sees none of the requests, and clears only its own', async () => {
    const other = await service.clientOf('other');
    await register({ event_types: ['event.succeeded'] });
    await learn('I like tea');
    await received(1);

    const seen = (await other('GET /v1/inspector')).body.requests;
    await other('DELETE /v1/inspector');

    expect(seen).toEqual([]);
    expect(await received(1)).toHaveLength(1);
    await service.client('DELETE /v1/inspector');
    expect((await service.client('GET /v1/inspector')).body.requests).toEqual([]);
  });

  it('a deleted memory loses its text in the inspector too', async () => {
    await register({ event_types: ['memory_add'] });
    const { results } = await learn('I like oolong');
    const before = await received(1);
    await service.client(`DELETE /v1/memories/${results[0].id}`);

    const after = await received(1);

    expect(JSON.stringify(before)).toContain('oolong');
    expect(JSON.stringify(after)).not.toContain('oolong');
    expect(after[0].payload).toMatchObject({ type: 'memory_add' });
  });

  it('the newest fifty requests are kept', async () => {
    const { id } = await register({ event_types: ['event.pending'] });
    for (let count = 0; count < 52; count++) await service.client(`POST /v1/endpoints/${id}/test`);
    await settled(service.client, id);

    const requests = await received(50);

    expect(requests).toHaveLength(50);
  });
});

describe('the guard of addresses', () => {
  it.each([
    'https://inspector.invalid/other',
    'https://inspector.invalid:8443/',
    'http://inspector.invalid/',
    'https://a.inspector.invalid/',
    'https://inspector.invalid/?status=99',
    'https://inspector.invalid/?status=200&more=1',
    'https://inspector.invalid/?other=200',
    'https://inspector.invalid/#fragment',
    'https://user:password@inspector.invalid/',
  ])('%s is no URL of the inspector, and is guarded like any other', async (url) => {
    const guarded = await openService({
      webhookClient: {
        check: async () => ({ ok: false, code: 'blocked_address', message: 'Guarded.' }),
        post: async () => ({ error: 'blocked_address', message: 'Guarded.', timings: {} }),
        close: async () => {},
      },
    });

    const body = { url, event_types: ['*'] };
    const answer = await guarded.client('POST /v1/endpoints', { body });
    await guarded.close();

    expect([answer.status, answer.body.detail]).toEqual([400, 'Guarded.']);
  });
});
