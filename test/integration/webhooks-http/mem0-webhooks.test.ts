import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../support/in-memory-service.ts';
import { openWebhookService, type WebhookService } from '../../support/webhook-service.ts';

let service: WebhookService;
let path: string;
beforeAll(async () => {
  service = await openWebhookService();
  const { project_id: project } = (await service.client('GET /v1/ping/')).body;
  path = `/api/v1/webhooks/projects/${project}/`;
});
afterAll(() => service.close());

const create = (fields: object = {}): Promise<Answer> => {
  const body = { name: 'Logger', url: service.receiver.url, event_types: ['memory_add'] };
  return service.client(`POST ${path}`, { body: { ...body, ...fields } });
};

describe('a webhook', () => {
  it('a Mem0 webhook is created as documented and also shows its secret', async () => {
    const { status, body } = await create();

    expect(status).toBe(201);
    expect(body).toEqual({
      webhook_id: expect.stringMatching(/^whe_/),
      name: 'Logger',
      url: service.receiver.url,
      owner: expect.any(String),
      event_types: ['memory_add'],
      project: 'default',
      is_active: true,
      created_at: expect.any(String),
      updated_at: expect.any(String),
      secret: expect.stringMatching(/^whsec_/),
    });
  });

  it('a Mem0 webhook that is created inactive waits until it is activated', async () => {
    const { status, body } = await create({ is_active: false, project_id: 'default' });

    const endpoint = await service.client(`GET /v1/endpoints/${body.webhook_id}`);

    expect([status, body.is_active]).toEqual([201, false]);
    expect(endpoint.body).toMatchObject({ status: 'paused' });
  });

  it('a Mem0 webhook is not created in a project that the body names and the key does not', async () => {
    const { status, body } = await create({ project_id: 'proj_other' });

    expect([status, body.error]).toEqual([403, "You don't have access to this project"]);
  });

  it('a Mem0 webhook is the endpoint of the same id, and is listed without secrets', async () => {
    const { body: made } = await create();

    const endpoint = await service.client(`GET /v1/endpoints/${made.webhook_id}`);
    const { body: listed } = await service.client(`GET ${path}`);
    const { body: byName } = await service.client('GET /api/v1/webhooks/projects/default/');

    const { secret: _, ...webhook } = made;
    expect(endpoint.body).toMatchObject({ name: 'Logger', event_types: ['memory_add'] });
    expect(listed).toContainEqual(webhook);
    expect(JSON.stringify(listed)).not.toContain('whsec_');
    expect(byName).toEqual(listed);
  });

  it('a Mem0 webhook changes in the fields given, its activity included', async () => {
    const { body: made } = await create();
    const change = async (body: object) => {
      const { status } = await service.client(`PUT /api/v1/webhooks/${made.webhook_id}/`, { body });
      const { body: all } = await service.client(`GET ${path}`);
      const webhook = all.find((each: Answer['body']) => each.webhook_id === made.webhook_id);
      return { status, webhook };
    };

    const paused = await change({ is_active: false });
    const renamed = await change({ name: 'Renamed', event_types: ['memory:delete'] });
    const resumed = await change({ is_active: true });

    expect(paused).toMatchObject({ status: 200, webhook: { name: 'Logger', is_active: false } });
    expect(renamed.webhook).toMatchObject({
      name: 'Renamed',
      event_types: ['memory_delete'],
      is_active: false,
    });
    expect(resumed.webhook).toMatchObject({ name: 'Renamed', is_active: true });
  });
});

describe('refused', () => {
  it.each([
    ['no name', { name: undefined }, 'name', 'name is required.'],
    ['no URL', { url: undefined }, 'url', 'url is required.'],
    ['a URL inside', { url: 'http://169.254.169.254/' }, 'url', 'The URL must name a host'],
    ['no event types', { event_types: [] }, 'event_types', 'event_types must not be empty.'],
    ['an event that never is', { event_types: ['ingest_job_failed'] }, 'event_types', 'ingest_job'],
  ])(
    'a Mem0 webhook with %s is 400 with the name of the field',
    async (_, fields, field, sentence) => {
      const { status, body } = await create(fields);

      expect(status).toBe(400);
      expect(body.detail).toContain(sentence);
      expect(body).toMatchObject({ field, [field]: [body.detail], error: body.detail });
    },
  );

  it('a Mem0 webhook of another project is not found', async () => {
    const { body: made } = await create();
    const stranger = await service.clientOf('strangers');
    const webhook = `/api/v1/webhooks/${made.webhook_id}/`;

    const [listed, posted, changed, deleted] = [
      await stranger(`GET ${path}`),
      await stranger(`POST ${path}`, { body: {} }),
      await stranger(`PUT ${webhook}`, { body: { name: 'Mine' } }),
      await stranger(`DELETE ${webhook}`),
    ];

    for (const { status, body } of [listed, posted])
      expect([status, body.error]).toEqual([403, "You don't have access to this project"]);
    for (const { status, body } of [changed, deleted])
      expect([status, body.error]).toEqual([404, 'Webhook not found']);
  });

  it('a read key cannot write Mem0 webhooks', async () => {
    const reader = await service.clientOf('default', ['read']);
    const { body: made } = await create();

    expect((await reader(`GET ${path}`)).status).toBe(200);
    expect((await reader(`POST ${path}`, { body: {} })).status).toBe(403);
    expect((await reader(`DELETE /api/v1/webhooks/${made.webhook_id}/`)).status).toBe(403);
  });
});
