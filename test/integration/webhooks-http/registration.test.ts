import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDnsServer } from '../../support/dns-server.ts';
import { openWebhookService, type WebhookService } from '../../support/webhook-service.ts';

let names: Awaited<ReturnType<typeof startDnsServer>>;
let service: WebhookService;

beforeAll(async () => {
  names = await startDnsServer();
  names.set('intranet.example.com', { a: ['10.0.0.7'] });
  names.set('half.example.com', { a: ['93.184.216.34', '10.0.0.7'] });
  names.set('none.example.com', { fault: 'nxdomain' });
  names.set('empty.example.com', {});
  names.set('broken.example.com', { fault: 'servfail' });
  service = await openWebhookService({ dnsServers: [names.address] });
});
afterAll(async () => {
  await service.close();
  await names.stop();
});

const hosts = ['intranet', 'half', 'none', 'empty', 'broken'].map((name) => `${name}.example.com`);

describe('where webhooks may go', () => {
  it.each([
    ['POST /v1/endpoints', () => 'POST /v1/endpoints'],
    ['PATCH /v1/endpoints/{id}', (id: string) => `PATCH /v1/endpoints/${id}`],
    ['POST /api/v1/webhooks/...', () => 'POST /api/v1/webhooks/projects/default'],
    ['PUT /api/v1/webhooks/{id}', (id: string) => `PUT /api/v1/webhooks/${id}`],
  ])('%s answers the same for private and for unknown host names', async (_, requestOf) => {
    const { id } = await service.register();
    const fields = { name: 'Hooks', event_types: ['memory_add'] };

    const answers = [];
    for (const host of hosts) {
      const body = { ...fields, url: `https://${host}/hooks` };
      const { status, body: answer } = await service.client(requestOf(id), { body });
      answers.push({ status, code: answer.code, message: answer.message, field: answer.field });
    }

    expect(answers).toEqual(
      hosts.map(() => ({
        status: 400,
        code: 'blocked_address',
        message: 'The host name of the URL cannot be resolved to a public address.',
        field: 'url',
      })),
    );
  });

  it('a test answers the same when the host name resolves to a private address by now', async () => {
    const answers = [];
    for (const [index, face] of (['10.0.0.7', undefined] as const).entries()) {
      const host = `moved-${index}.example.com`;
      names.set(host, { a: ['93.184.216.34'] });
      const { id } = await service.register({ url: `https://${host}/hooks` });
      names.set(host, face === undefined ? { fault: 'nxdomain' } : { a: [face] });

      const { status, body } = await service.client(`POST /v1/endpoints/${id}/test`);
      answers.push({ status, code: body.code, message: body.message });
    }

    expect(answers[0]).toMatchObject({ status: 400, code: 'blocked_address' });
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe('the URL of an endpoint', () => {
  it('the URL of an endpoint is stored as the parser normalises it, by every route', async () => {
    const { client, receiver } = service;
    const odd = `HTTP://0x7f.1:${receiver.port}/./a/../hooks/é?q=a b`;
    const parsed = `http://127.0.0.1:${receiver.port}/hooks/%C3%A9?q=a%20b`;

    const created = await service.register({ url: odd });
    const other = await service.register();
    const changed = await client(`PATCH /v1/endpoints/${other.id}`, { body: { url: odd } });
    const foreign = await client('POST /api/v1/webhooks/projects/default', {
      body: { name: 'Hooks', url: odd, event_types: ['memory_add'] },
    });

    expect(created.url).toBe(parsed);
    expect(changed.body.url).toBe(parsed);
    expect(foreign.body.url).toBe(parsed);
  });

  it('a URL longer than 2,048 characters after parsing is refused', async () => {
    const { client, receiver } = service;
    const url = `http://127.0.0.1:${receiver.port}/${'é'.repeat(1_000)}`;

    const { status, body } = await client('POST /v1/endpoints', {
      body: { url, event_types: ['*'] },
    });

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'url_too_long', field: 'url' });
  });
});
