import { afterEach, describe, expect, it } from 'vitest';
import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import { endpointKey } from '../../../shared/domain/table/keys.ts';
import { exhaustedDelivery } from '../../support/exhausted-delivery.ts';
import {
  type Answer,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';
import { maxIterationCpu } from '../../support/turn-cpu.ts';
import { eventually, openWebhookService } from '../../support/webhook-service.ts';

let close: () => Promise<void> = async () => {};
afterEach(() => close());

const webhooks = async (options: Parameters<typeof openWebhookService>[0] = {}) => {
  const service = await openWebhookService(options);
  close = service.close;
  return service;
};

/** A service that performs none of its hints. */
const idle = async (options: Parameters<typeof openService>[0] = {}): Promise<TestService> => {
  const service = await openService({ refines: false, ...options });
  close = service.close;
  return service;
};

const iso = (at: number): string => new Date(at).toISOString();

const projectOf = async ({ platform }: TestService): Promise<string> =>
  (await getOrCreateProject(platform)).id;

const statusesOf = (answers: readonly Answer[]): { [status: number]: number } =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

const times = <T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)));

describe('the endpoints of a project', () => {
  it('a project never has more endpoints than its quota, however many are created concurrently by either API', async () => {
    const { client, receiver } = await webhooks({ maxEndpoints: 3 });
    const body = { name: 'Hooks', url: receiver.url, event_types: ['memory_add'] };

    const answers = await times(12, (index) =>
      client(index % 2 === 0 ? 'POST /v1/endpoints' : 'POST /api/v1/webhooks/projects/default', {
        body,
      }),
    );
    const { body: listed } = await client('GET /v1/endpoints');

    expect(statusesOf(answers)).toEqual({ 201: 3, 409: 9 });
    expect(listed.count).toBe(3);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'too_many_endpoints',
      message: 'A project has at most 3 endpoints: delete one before you create another.',
    });
  });

  it('a deleted endpoint frees its place in the quota, and every project has its own quota', async () => {
    const service = await webhooks({ maxEndpoints: 1 });
    const other = await service.clientOf('other');
    const { id } = await service.register();
    const body = { url: service.receiver.url, event_types: ['*'] };

    const full = await service.client('POST /v1/endpoints', { body });
    const elsewhere = await other('POST /v1/endpoints', { body });
    await service.client(`DELETE /v1/endpoints/${id}`);
    const again = await service.client('POST /v1/endpoints', { body });

    expect([full, elsewhere, again].map(({ status }) => status)).toEqual([409, 201, 201]);
  });

  it('endpoints created before they were counted count', async () => {
    const service = await webhooks();
    for (let index = 0; index < 3; index++) await service.register();
    const { store, policy } = service.platform;
    const project = await projectOf(service);
    const at = { kind: 'QUOTA', pk: `P#${project}`, sk: 'QUOTA#endpoints' } as const;
    await store.transact([{ op: 'delete', key: at }]);
    Object.assign(policy.quotas, { endpoints: 3 });

    const full = await service.client('POST /v1/endpoints', {
      body: { url: service.receiver.url, event_types: ['*'] },
    });

    expect(full.status).toBe(409);
  });
});

describe('the recoveries of a project', () => {
  it('a project runs at most ten of 300 requested recoveries at once, and they delay no other request', async () => {
    const service = await webhooks({ refines: false });
    const { id } = await service.register();
    await service.client(`POST /v1/endpoints/${id}/pause`);
    const { store } = service.platform;
    const endpoint = await store.get(endpointKey(await projectOf(service), id));
    const since = Date.now() - 3_600_000;
    for (let n = 0; endpoint && n < 1_000; n += 10)
      await store.transact(
        Array.from({ length: 10 }, (_, i) =>
          exhaustedDelivery(endpoint, {}, n + i, since + n + i),
        ).flat(),
      );

    const answers = await times(300, () =>
      service.client(`POST /v1/endpoints/${id}/recover`, { body: { since: iso(since) } }),
    );
    const cpu = await maxIterationCpu(async () => {
      service.refine();
      for (const { body } of answers.filter(({ status }) => status === 202))
        await eventually(
          service.client,
          `GET /v1/endpoints/${id}/recover/${body.id}`,
          ({ status }) => status === 'succeeded',
        );
    });

    const refused = answers.find(({ status }) => status === 429);
    expect(statusesOf(answers)).toEqual({ 202: 10, 429: 290 });
    expect(refused?.body.code).toBe('too_many_recoveries');
    expect(refused?.headers.get('retry-after')).toBe('5');
    expect(cpu).toBeLessThan(50);
  });

  it('a project never runs more recoveries than its quota; ended and cancelled ones free their place', async () => {
    const service = await webhooks({ maxRecoveries: 2, refines: false });
    const { id } = await service.register();
    const path = `/v1/endpoints/${id}/recover`;
    const ask = () =>
      service.client(`POST ${path}`, { body: { since: new Date(0).toISOString() } });

    const answers = await times(8, ask);
    const [first] = answers.filter(({ status }) => status === 202);
    service.refine();
    await expect
      .poll(async () => (await service.client(`GET ${path}/${first?.body.id}`)).body.status)
      .toBe('succeeded');
    const again = await ask();

    expect(statusesOf(answers)).toEqual({ 202: 2, 429: 6 });
    expect(again.status).toBe(202);
  });
});

describe('the delete-alls of a project', () => {
  it('a project never runs more delete-alls than its quota, and one more deletes nothing', async () => {
    const service = await idle({ maxJobs: 2 });
    await service.client('POST /v1/turns', { body: say('I like tea.', 'user-9') });

    const answers = await times(6, (index) =>
      service.client(`DELETE /v1/memories/?user_id=user-${index}`),
    );
    const { status, body, headers } = await service.client('DELETE /v1/memories/?user_id=user-9');
    const { body: kept } = await service.client('POST /v3/memories/', {
      body: { filters: { user_id: 'user-9' } },
    });

    expect(statusesOf(answers)).toEqual({ 200: 2, 429: 4 });
    expect(status).toBe(429);
    expect(body).toMatchObject({
      code: 'too_many_jobs',
      message: 'At most 2 delete-alls of a project run at once: try again when one has ended.',
    });
    expect(headers.get('retry-after')).toBe('5');
    expect(kept.results).toHaveLength(1);
  });

  it('an ended delete-all frees its place in the quota', async () => {
    const service = await idle({ maxJobs: 1 });
    const { body: begun } = await service.client('DELETE /v1/memories/?user_id=ana');
    const full = await service.client('DELETE /v1/memories/?user_id=bea');

    service.refine();
    await service.client(`GET /v1/events/${begun.event_id}?wait=20`);
    const again = await service.client('DELETE /v1/memories/?user_id=bea');

    expect([full.status, again.status]).toEqual([429, 200]);
  });
});
