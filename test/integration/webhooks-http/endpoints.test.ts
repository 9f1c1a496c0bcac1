import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSecretBox } from '../../../shared/adapters/secret-box/secret-box.ts';
import { openWebhookService, type WebhookService } from '../../support/webhook-service.ts';

let service: WebhookService;
beforeAll(async () => {
  service = await openWebhookService();
});
afterAll(() => service.close());

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const secretForm = /^whsec_[A-Za-z0-9+/]{32,}={0,2}$/;
const unknownId = `whe_${'0'.repeat(32)}`;

describe('an endpoint', () => {
  it('an endpoint is created with every setting and shows its secret once', async () => {
    const { client, receiver } = service;

    const created = await client('POST /v1/endpoints', {
      body: {
        url: receiver.url,
        event_types: ['memory_*', 'event.failed'],
        name: 'Ledger',
        description: 'Keeps a ledger.',
        headers: { 'X-Team': 'blue', Authorization: 'Bearer hush-hush' },
        filters: { user_id: ['ana', 'bea'], app_id: 'shop' },
        rate_limit: 2.5,
        max_in_flight: 3,
        ordered: true,
      },
    });
    const got = await client(`GET /v1/endpoints/${created.body.id}`);

    const { secret, ...endpoint } = created.body;
    expect(created.status).toBe(201);
    expect(secret).toMatch(secretForm);
    expect(endpoint).toEqual({
      id: expect.stringMatching(/^whe_[0-9a-f]{32}$/),
      url: receiver.url,
      name: 'Ledger',
      description: 'Keeps a ledger.',
      status: 'active',
      status_reason: null,
      status_since: null,
      event_types: ['memory_*', 'event.failed'],
      filters: { user_id: ['ana', 'bea'], app_id: ['shop'] },
      header_names: ['x-team', 'authorization'],
      rate_limit: 2.5,
      max_in_flight: 3,
      ordered: true,
      created_at: isoTime,
      updated_at: isoTime,
    });
    expect(got).toMatchObject({ status: 200, body: endpoint });
    expect(JSON.stringify(got.body)).not.toMatch(/secret|hush-hush/);
  });

  it('an endpoint needs only a URL and event types', async () => {
    const created = await service.register();

    expect(created).toMatchObject({
      name: '',
      description: '',
      filters: {},
      header_names: [],
      rate_limit: null,
      max_in_flight: 8,
      ordered: false,
    });
  });

  it('endpoints are listed in pages, oldest first, without secrets', async () => {
    const client = await service.clientOf('pages');
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) ids.push((await service.register({}, client)).id);

    const first = await client('GET /v1/endpoints?page=1&page_size=2');
    const second = await client('GET /v1/endpoints/?page=2&page_size=2');

    expect(first.body).toMatchObject({ count: 3, next: expect.stringContaining('page=2') });
    expect([...first.body.results, ...second.body.results].map(({ id }) => id)).toEqual(ids);
    expect(second.body.next).toBeNull();
    expect(JSON.stringify([first.body, second.body])).not.toContain('whsec_');
  });

  it('a patch changes the fields it names, and null restores a default', async () => {
    const { client } = service;
    const fields = { name: 'Old', rate_limit: 5, filters: { user_id: 'ana' }, ordered: true };
    const { id, secret: _, ...before } = await service.register(fields);

    const named = await client(`PATCH /v1/endpoints/${id}`, { body: { name: 'New' } });
    const cleared = await client(`PATCH /v1/endpoints/${id}`, {
      body: { rate_limit: null, filters: null, ordered: null, name: null, event_types: null },
    });

    expect(named.body).toEqual({ ...before, id, name: 'New', updated_at: isoTime });
    expect(cleared.body).toMatchObject({
      rate_limit: null,
      filters: {},
      ordered: false,
      name: '',
      event_types: [],
    });
  });

  it('a deleted endpoint is not found', async () => {
    const { client } = service;
    const { id } = await service.register();

    const deleted = await client(`DELETE /v1/endpoints/${id}`);
    const [got, again] = [
      await client(`GET /v1/endpoints/${id}`),
      await client(`DELETE /v1/endpoints/${id}`),
    ];

    expect(deleted).toMatchObject({ status: 200, body: { id, deleted: true } });
    expect([got.status, again.status]).toEqual([404, 404]);
    expect(got.body).toMatchObject({
      code: 'endpoint_not_found',
      detail: 'Endpoint not found.',
    });
  });

  it('a paused endpoint shows since when, and is resumed', async () => {
    const { client } = service;
    const { id } = await service.register();

    const paused = await client(`POST /v1/endpoints/${id}/pause`);
    const again = await client(`POST /v1/endpoints/${id}/pause`);
    const resumed = await client(`POST /v1/endpoints/${id}/resume`);

    expect(paused.body).toMatchObject({
      status: 'paused',
      status_reason: 'requested',
      status_since: isoTime,
    });
    expect(again.body.status).toBe('paused');
    expect(resumed.body).toMatchObject({ status: 'active', status_since: null });
    expect(resumed.body.recover_since).toBe(paused.body.status_since);
  });
});

describe('its secrets', () => {
  it('secrets are shown on request, newest first, with their expiry', async () => {
    const { client } = service;
    const { id, secret } = await service.register();

    const rotated = await client(`POST /v1/endpoints/${id}/secret/rotate`);
    const revealed = await client(`GET /v1/endpoints/${id}/secret`);

    expect(rotated.body).toEqual({
      secret: expect.stringMatching(secretForm),
      old_valid_until: isoTime,
    });
    expect(rotated.body.secret).not.toBe(secret);
    expect(revealed.body).toEqual({
      secret: rotated.body.secret,
      secrets: [
        { secret: rotated.body.secret, created_at: isoTime, expires_at: null },
        { secret, created_at: isoTime, expires_at: rotated.body.old_valid_until },
      ],
    });
    const overlap = Date.parse(rotated.body.old_valid_until) - Date.now();
    expect(overlap / 3_600_000).toBeCloseTo(24, 1);
  });

  it('older secrets end at once in a rotation without overlap', async () => {
    const { client } = service;
    const { id } = await service.register();

    const body = { overlap_seconds: 0 };
    const rotated = await client(`POST /v1/endpoints/${id}/secret/rotate`, { body });
    const revealed = await client(`GET /v1/endpoints/${id}/secret`);

    expect(revealed.body.secrets.map((each: { secret: string }) => each.secret)).toEqual([
      rotated.body.secret,
    ]);
  });

  it('an endpoint has at most five secrets', async () => {
    const { client } = service;
    const { id } = await service.register();

    const answers = [];
    for (let n = 0; n < 5; n++)
      answers.push(await client(`POST /v1/endpoints/${id}/secret/rotate`));

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 409]);
    expect(answers.at(-1)?.body.code).toBe('too_many_secrets');
  });

  it("an endpoint can be created with the customer's own secret", async () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

    const created = await service.register({ secret });

    expect(created.secret).toBe(secret);
  });

  it('secrets sealed with another key are reported as unreadable and can be replaced', async () => {
    let isRestored = false;
    const box = createSecretBox(randomBytes(32));
    const other = createSecretBox(randomBytes(32));
    const restored = await openWebhookService({
      secretBox: {
        seal: (...secret) => (isRestored ? other : box).seal(...secret),
        open: (...sealed) => (isRestored ? other : box).open(...sealed),
      },
    });
    const { id } = await restored.register();
    isRestored = true;
    const path = `/v1/endpoints/${id}/secret`;

    const lost = await restored.client(`GET ${path}`);
    const body = { overlap_seconds: 3_600 };
    const rotated = await restored.client(`POST ${path}/rotate`, { body });
    const revealed = await restored.client(`GET ${path}`);
    await restored.close();

    expect(lost).toMatchObject({ status: 409, body: { code: 'secret_unreadable' } });
    expect(rotated.body.secret).toMatch(/^whsec_/);
    expect(revealed.body.secret).toBe(rotated.body.secret);
  });

  it('a v1a secret is shown with its public key', async () => {
    const created = await service.register({ signing: 'v1a' });

    expect(created.secret).toMatch(/^whsk_/);
    expect(created.public_key).toMatch(/^whpk_/);
  });
});

describe('keys and projects', () => {
  const routesOf = (id: string): { reads: string[]; writes: string[] } => ({
    reads: [
      `GET /v1/endpoints/${id}`,
      `GET /v1/endpoints/${id}/deliveries`,
      `GET /v1/endpoints/${id}/recover`,
    ],
    writes: [
      `PATCH /v1/endpoints/${id}`,
      `GET /v1/endpoints/${id}/secret`,
      `POST /v1/endpoints/${id}/secret/rotate`,
      `POST /v1/endpoints/${id}/test`,
      `POST /v1/endpoints/${id}/pause`,
      `POST /v1/endpoints/${id}/resume`,
      `POST /v1/endpoints/${id}/recover`,
      `DELETE /v1/endpoints/${id}`,
    ],
  });
  const bodyFor = (request: string) =>
    /^(PATCH|POST)/.test(request) ? { body: { since: 0 } } : {};

  it('every webhook route is 401 without a key', async () => {
    const { reads, writes } = routesOf(unknownId);
    const others = ['POST /v1/endpoints', 'GET /v1/endpoints', 'GET /v1/notifications'];

    for (const request of [...reads, ...writes, ...others])
      expect([request, (await service.send(request)).status]).toEqual([request, 401]);
  });

  it('a read key sees endpoints and deliveries, and changes nothing', async () => {
    const reader = await service.clientOf('default', ['read']);
    const { id } = await service.register();
    const { reads, writes } = routesOf(id);

    for (const request of [...reads, 'GET /v1/endpoints', 'GET /v1/notifications'])
      expect([request, (await reader(request)).status]).toEqual([request, 200]);
    for (const request of [...writes, 'POST /v1/endpoints'])
      expect([request, (await reader(request, bodyFor(request))).status]).toEqual([request, 403]);
  });

  it('an endpoint of another project is not found on any route', async () => {
    const stranger = await service.clientOf('strangers');
    const { id } = await service.register();
    const { reads, writes } = routesOf(id);

    for (const request of [...reads, ...writes]) {
      const { status, body } = await stranger(request, bodyFor(request));
      expect([request, status, body.code]).toEqual([request, 404, 'endpoint_not_found']);
    }
    expect((await stranger('GET /v1/endpoints')).body.count).toBe(0);
    expect((await service.client(`GET /v1/endpoints/${id}`)).body.status).toBe('active');
  });

  it.each(['whe_', 'nonsense', '%23', '%2F..', `${unknownId}%23SECRET`, unknownId])(
    'an id such as %s is not found',
    async (id) => {
      const { reads, writes } = routesOf(id);

      for (const request of [...reads, ...writes])
        expect([request, (await service.client(request, bodyFor(request))).status]).toEqual([
          request,
          404,
        ]);
    },
  );
});
