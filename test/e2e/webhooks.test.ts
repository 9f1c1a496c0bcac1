import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpClient } from '../support/http-client.ts';
import { type Client, finalEvent, say } from '../support/in-memory-service.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { type Running, runScript, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isRefused, verified } from '../support/verify-webhook.ts';
import { idOf, type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { eventually } from '../support/webhook-service.ts';

const key = 'a-key-of-my-own-choice';
let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let processes: Running[];

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  processes = [];
});

afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  await receiver.close();
  folder.remove();
});

const start = async (settings: NodeJS.ProcessEnv = {}) => {
  const service = await startService({
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: key,
    TURNSTONE_WEBHOOK_ALLOW: receiver.pair,
    TURNSTONE_SWEEP_INTERVAL_MS: '500',
    ...settings,
  });
  processes.push(service);
  return { ...service, client: httpClient(service.url, key) };
};

const end = async ({ child, ended }: Running, signal: NodeJS.Signals = 'SIGTERM') => {
  child.kill(signal);
  await ended;
};

const register = async (client: Client, fields: object = {}) => {
  const body = { url: receiver.url, event_types: ['*'], ...fields };
  return (await client('POST /v1/endpoints', { body })).body;
};

const add = async (client: Client, text: string): Promise<string> =>
  (await client('POST /v1/turns', { body: say(text) })).body.event_id;

/** Returns the seconds between the requests of one type. */
const gapsOf = (type: string): number[] =>
  receiver
    .matching(type)
    .slice(1)
    .map(({ at }, i) => (at - (receiver.matching(type)[i]?.at ?? 0)) / 1_000);

/** Expects the times of the schedule, with a fifth of jitter, and allows for a slow machine. */
const expectAbout = (gap: number | undefined, seconds: number): void => {
  expect(gap).toBeGreaterThan(seconds * 0.8 - 0.1);
  expect(gap).toBeLessThan(seconds * 1.2 + 1);
};

describe('webhooks of npm start', () => {
  it('an endpoint gets a turn, changes, and failures, all verified', async () => {
    const service = await start();
    const { secret } = await register(service.client, { ordered: true });

    const lived = await add(service.client, 'I live in San Francisco.');
    await receiver.arrive(4);
    const moved = await add(service.client, 'I moved to Seattle.');
    await receiver.arrive(7);
    await end(service);
    const model = await startOpenAiServer({ chat: { content: 'I would rather not say.' } });
    const babbling = await start({ OPENAI_BASE_URL: model.url, TURNSTONE_REFINE_SCHEDULE: '0,1' });
    const failed = await add(babbling.client, 'I like tea.');
    await receiver.arrive(9);
    await model.close();

    const notifications = receiver.received.map((each) => verified(secret, each));
    expect(service.err()).toContain('webhooks.private_targets_allowed');
    expect(notifications.map(({ type, data }) => [type, data.event_id])).toEqual([
      ['event.pending', lived],
      ['memory_add', lived],
      ['memory_categorize', lived],
      ['event.succeeded', lived],
      ['event.pending', moved],
      ['memory_update', moved],
      ['event.succeeded', moved],
      ['event.pending', failed],
      ['event.failed', failed],
    ]);
    expect(notifications[5].data).toMatchObject({
      memory_id: notifications[1].data.memory_id,
      old_text: notifications[1].data.new_text,
      new_text: expect.stringContaining('Seattle'),
    });
    expect(notifications[1].data.new_text).toContain('San Francisco');
    expect(notifications[8].data.error).toMatchObject({
      code: expect.any(String),
      message: expect.stringMatching(/^[^\n]+\.$/),
      retryable: true,
    });
    expect(new Set(receiver.received.map(idOf)).size).toBe(9);
  });

  it('an endpoint gets what was due when the service was killed in the middle of a schedule', async () => {
    const settings = { TURNSTONE_WEBHOOK_SCHEDULE: '0,2,2,2' };
    const first = await start(settings);
    const { id, secret } = await register(first.client, { event_types: ['event.pending'] });
    receiver.usually({ status: 500 });
    await add(first.client, 'I like tea.');
    await eventually(
      first.client,
      `GET /v1/endpoints/${id}/deliveries?status=pending`,
      ({ results }) => results[0]?.attempt_count === 2,
    );

    await end(first, 'SIGKILL');
    receiver.usually({ status: 200 });
    const second = await start(settings);
    await receiver.arrive(3);
    const { results } = await eventually(
      second.client,
      `GET /v1/endpoints/${id}/deliveries`,
      (body) => body.results[0].status === 'succeeded',
    );
    const { body: delivery } = await second.client(`GET /v1/deliveries/${results[0].id}`);

    for (const each of receiver.received) verified(secret, each);
    expect(new Set(receiver.received.map(idOf)).size).toBe(1);
    expect(receiver.received).toHaveLength(delivery.attempt_count);
    expect(delivery.attempts.map(({ ok }: { ok: boolean }) => ok)).toEqual([false, false, true]);
  });

  it('an endpoint gets a POST again at once if the service was killed with POSTs in flight', async () => {
    // Leases of a killed process last as long as an attempt may take, and 15 s more.
    const settings = { TURNSTONE_WEBHOOK_TIMEOUT_MS: '30000' };
    const first = await start(settings);
    const ordered = await register(first.client, { ordered: true });
    const busy = await register(first.client, { max_in_flight: 2 });
    receiver.usually({ status: 200, afterMs: 60_000 });
    await add(first.client, 'I keep bees.');
    await receiver.arrive(3);

    await end(first, 'SIGKILL');
    receiver.usually({ status: 200 });
    const second = await start(settings);

    for (const { id } of [ordered, busy])
      await eventually(second.client, `GET /v1/endpoints/${id}/deliveries`, ({ results }) =>
        results.every(({ status }: { status: string }) => status === 'succeeded'),
      );
    expect(new Set(receiver.received.map(idOf)).size).toBe(3);
  });

  it('a customer without an endpoint polls, and misses nothing from the first poll on', async () => {
    const { client } = await start();
    await finalEvent(client, await add(client, 'I like tea.'));
    const { cursor } = (await client('GET /v1/notifications')).body;

    const event = await add(client, 'I like coffee.');
    const { results } = await eventually(
      client,
      `GET /v1/notifications?after=${cursor}`,
      (body) => body.results.length >= 3,
    );

    expect(new Set(results.map((each: { type: string }) => each.type))).toEqual(
      new Set(['event.pending', 'memory_add', 'event.succeeded']),
    );
    expect(results[0].payload.data.event_id).toBe(event);
  });

  it('an endpoint keeps its secrets through a backup with the key file', async () => {
    const service = await start();
    const { id, secret } = await register(service.client);
    const copy = temporaryFolder();

    const backup = runScript(
      'backup',
      { TURNSTONE_DATA_DIR: folder.path },
      join(copy.path, 'turnstone.db'),
    );
    processes.push(backup);
    await backup.ended;
    copyFileSync(join(folder.path, 'secret.key'), join(copy.path, 'secret.key'));
    const restored = await start({ TURNSTONE_DATA_DIR: copy.path });
    const revealed = await restored.client(`GET /v1/endpoints/${id}/secret`);
    copy.remove();

    expect(backup.out()).toContain(join(folder.path, 'secret.key'));
    expect(revealed.body.secret).toBe(secret);
  });

  it('the example receiver verifies, drops repeats and prints', async () => {
    const service = await start();
    await receiver.close();
    const { id, secret } = await register(service.client, { url: `http://${receiver.pair}/` });
    const example = runScript('receiver', {
      PORT: String(receiver.port),
      WEBHOOK_SECRET: secret,
    });
    processes.push(example);
    await example.shows('Receives webhooks on');

    const { body: sent } = await service.client(`POST /v1/endpoints/${id}/test`);
    const path = `/v1/deliveries/${sent.id}`;
    await eventually(service.client, `GET ${path}`, ({ status }) => status === 'succeeded');
    await service.client(`POST ${path}/resend`);
    const twice = await eventually(
      service.client,
      `GET ${path}`,
      ({ attempts }) => attempts.length === 2,
    );
    const forged = await fetch(`http://${receiver.pair}/`, { method: 'POST', body: '{}' });

    expect(twice.attempts.map(({ status }: { status: number }) => status)).toEqual([200, 200]);
    expect(example.out().split('"endpoint.test"')).toHaveLength(2);
    expect(forged.status).toBe(401);
  });
});

describe('with TURNSTONE_WEBHOOK_SCHEDULE=1,2,4,8, by the clock', () => {
  const settings = { TURNSTONE_WEBHOOK_SCHEDULE: '1,2,4,8' };

  it('a failing endpoint gets attempts after 1, 2, 4 and 8 seconds, is then exhausted, then recovered', async () => {
    const { client } = await start(settings);
    const { id, secret } = await register(client, { event_types: ['event.pending'] });
    receiver.usually({ status: 500 });

    const since = Date.now();
    await add(client, 'I like tea.');
    await receiver.arrive(4, 'event.pending', 25_000);
    const path = `/v1/endpoints/${id}/deliveries`;
    await eventually(client, `GET ${path}?status=exhausted`, ({ results }) => results.length === 1);
    receiver.usually({ status: 200 });
    await client(`POST /v1/endpoints/${id}/recover`, {
      body: { since: new Date(since - 1_000).toISOString() },
    });
    const [first, , , , last] = await receiver.arrive(5);
    await eventually(client, `GET ${path}?status=succeeded`, ({ results }) => results.length === 1);

    expectAbout(((first?.at ?? 0) - since) / 1_000, 1);
    for (const [i, seconds] of [2, 4, 8].entries())
      expectAbout(gapsOf('event.pending')[i], seconds);
    expect(last && idOf(last)).toBe(first && idOf(first));
    expect(last && verified(secret, last)).toEqual(first && verified(secret, first));
    expect(Number(last?.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first?.headers['webhook-timestamp']),
    );
  });

  it('an attempt waits for Retry-After, and a secret rotated in between signs the next attempt', async () => {
    const { client } = await start(settings);
    const { id, secret: old } = await register(client, { event_types: ['event.pending'] });
    receiver.next({ status: 503, headers: { 'retry-after': '4' } });

    await add(client, 'I like tea.');
    const [first] = await receiver.arrive(1);
    const body = { overlap_seconds: 0 };
    const { secret } = (await client(`POST /v1/endpoints/${id}/secret/rotate`, { body })).body;
    const [, second] = await receiver.arrive(2);

    expect(first && verified(old, first)).toEqual(second && verified(secret, second));
    expect(second && isRefused(old, second)).toBe(true);
    expect(gapsOf('event.pending')[0]).toBeGreaterThan(3.95);
    expect(gapsOf('event.pending')[0]).toBeLessThan(6);
  });

  it('a 410 disables an endpoint at once; deliveries are queued until it is resumed, then sent', async () => {
    const { client } = await start(settings);
    const { id } = await register(client, { event_types: ['event.pending'] });
    receiver.next({ status: 410 });

    await add(client, 'I like tea.');
    await eventually(client, `GET /v1/endpoints/${id}`, ({ status }) => status === 'disabled');
    await finalEvent(client, await add(client, 'I like coffee.'));
    await eventually(
      client,
      `GET /v1/endpoints/${id}/deliveries?status=queued`,
      ({ results }) => results.length === 2,
    );
    await sleep(3_000);
    const whileDisabled = receiver.received.length;
    await client(`POST /v1/endpoints/${id}/resume`);
    await receiver.arrive(3);

    expect(whileDisabled).toBe(1);
    expect(new Set(receiver.received.map(idOf)).size).toBe(2);
  });
});
