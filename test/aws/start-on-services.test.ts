import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openTable } from '../support/dynamodb-table.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { startPineconeServer } from '../support/pinecone-server/server.ts';
import { type Running, runScript, startService } from '../support/service.ts';
import { startSqsEmulator } from '../support/sqs-emulator.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = 'a-key-of-my-own-choice';
const dimension = 256;

const openCloud = async () => {
  const sqs = await startSqsEmulator();
  const pinecone = await startPineconeServer({ apiKey: 'pc-key', dimension, lagMs: 200 });
  const model = await startOpenAiServer({ apiKey: 'sk-key' });
  const { client, table } = await openTable();
  client.destroy();
  return { sqs, pinecone, model, table };
};

let cloud: Awaited<ReturnType<typeof openCloud>>;
let folder: ReturnType<typeof temporaryFolder>;
let settings: NodeJS.ProcessEnv;
beforeAll(async () => {
  cloud = await openCloud();
  folder = temporaryFolder();
  settings = {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: inject('dynamoDbEndpoint'),
    AWS_ENDPOINT_URL_SQS: cloud.sqs.endpoint,
    OPENAI_API_KEY: 'sk-key',
    OPENAI_BASE_URL: cloud.model.url,
    PINECONE_API_KEY: 'pc-key',
    TURNSTONE_API_KEY: key,
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_STORE: 'dynamodb',
    TURNSTONE_QUEUE: 'sqs',
    TURNSTONE_INDEX: 'pinecone',
    TURNSTONE_TABLE: cloud.table,
    TURNSTONE_TURNS_QUEUE_URL: cloud.sqs.createQueue('turns'),
    TURNSTONE_NOTIFICATIONS_QUEUE_URL: cloud.sqs.createQueue('notifications'),
    TURNSTONE_PINECONE_HOST: cloud.pinecone.url,
    TURNSTONE_PINECONE_DIMENSION: String(dimension),
    TURNSTONE_SWEEP_INTERVAL_MS: '500',
  };
});
afterAll(async () => {
  await Promise.all([cloud.sqs.stop(), cloud.pinecone.close(), cloud.model.close()]);
  folder.remove();
});

const processes: Running[] = [];
afterEach(async () => {
  for (const { child } of processes) child.kill('SIGKILL');
  await Promise.all(processes.splice(0).map(({ ended }) => ended));
});

const start = async () => {
  const service = await startService(settings);
  processes.push(service);
  return service;
};

const run = async (
  script: string,
  ...args: string[]
): Promise<Running & { code: number | null }> => {
  const running = runScript(script, settings, ...args);
  processes.push(running);
  return { ...running, code: await running.ended };
};

const call = async (url: string, request: string, body?: unknown) => {
  const [method = '', path = ''] = request.split(' ');
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return JSON.parse(await answer.text());
};

const add = (url: string, user: string, content: string) =>
  call(url, 'POST /v1/turns', { user_id: user, messages: [{ role: 'user', content }] });

/** Waits for the end of an event. A scope whose worker was killed is claimed again when the lease expires, after 30 s. */
const final = async (url: string, event: string) => {
  const first = await call(url, `GET /v1/events/${event}?wait=25`);
  return first.status === 'SUCCEEDED' ? first : call(url, `GET /v1/events/${event}?wait=25`);
};

const search = async (url: string, user: string, query: string): Promise<string[]> => {
  const body = { query, filters: { user_id: user } };
  const { results } = await call(url, 'POST /v3/memories/search', body);
  return results.map(({ memory }: { memory: string }) => memory);
};

describe('npm start on DynamoDB, SQS and Pinecone', () => {
  it('the service stores, refines and finds turns, and continues after kill -9', async () => {
    const first = await start();
    const added = await add(first.url, 'ann', 'I moved to Lisbon.');
    const rough = await search(first.url, 'ann', 'Who moved to Lisbon?');
    const event = await final(first.url, added.event_id);
    const refined = await search(first.url, 'ann', 'Who moved to Lisbon?');
    const cut = await add(first.url, 'ann', 'I have a dog named Rex.');
    first.child.kill('SIGKILL');
    await first.ended;

    const second = await start();
    const late = await final(second.url, cut.event_id);
    const found = await search(second.url, 'ann', 'dog Lisbon');

    expect(first.out()).toContain(`keeps data in  the DynamoDB table ${cloud.table}`);
    expect(rough).toHaveLength(1);
    expect(event).toMatchObject({ status: 'SUCCEEDED', results: [{ event: 'ADD' }] });
    expect(refined).toEqual(['I moved to Lisbon.']);
    expect(late.status, JSON.stringify(late)).toBe('SUCCEEDED');
    expect(found.toSorted()).toEqual(['I have a dog named Rex.', 'I moved to Lisbon.']);
    expect(cloud.model.chats().length).toBeGreaterThan(0);
  }, 120_000);

  it('refined memories are written to Pinecone', async () => {
    const { url } = await start();
    const stored = () =>
      cloud.pinecone.namespaces().reduce((sum, n) => sum + cloud.pinecone.sizeOf(n), 0);
    const before = stored();

    const { event_id: id } = await add(url, 'bo', 'I play the cello.');
    await final(url, id);
    for (let look = 0; look < 100 && stored() === before; look++) await sleep(100);

    expect(stored()).toBeGreaterThan(before);
  }, 60_000);

  it('several processes without a data folder share the table', async () => {
    const [one, two] = [await start(), await start()];

    const events = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        add(i % 2 ? one.url : two.url, 'cy', `I have been to place ${i}.`),
      ),
    );
    const ended = await Promise.all(events.map(({ event_id: id }) => final(two.url, id)));

    expect(ended.map(({ status }) => status)).toEqual(events.map(() => 'SUCCEEDED'));
    expect(await search(one.url, 'cy', 'place')).toHaveLength(6);
  }, 120_000);

  it('the commands of the local service work on AWS services', async () => {
    const service = await start();

    const keys = await run('keys', 'create', '--project', 'shop');
    const made = /ts_\S+/.exec(keys.out())?.[0] ?? '';
    const ping = await fetch(`${service.url}/v1/ping/`, {
      headers: { authorization: `Token ${made}` },
    });
    const reindex = await run('reindex');
    const backup = await run('backup', folder.file('copy.db'));

    expect(keys.code, keys.err()).toBe(0);
    expect(ping.status).toBe(200);
    expect(reindex.code, reindex.err()).toBe(0);
    expect(backup.code).toBe(1);
    expect(backup.err()).toBe(
      'A backup is a copy of a SQLite file; a DynamoDB table has backups of its own.\n',
    );
  }, 60_000);

  it('a missing setting is named in the error', async () => {
    const { TURNSTONE_TABLE: _, ...others } = settings;
    const running = runScript('start', others);
    processes.push(running);

    expect(await running.ended).toBe(1);
    expect(running.err()).toBe('For TURNSTONE_STORE=dynamodb set TURNSTONE_TABLE.\n');
  });
});
