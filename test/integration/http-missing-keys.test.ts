import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { createPineconeVectorIndex } from '../../shared/adapters/pinecone/vector-index.ts';
import { createModelKeys } from '../../shared/adapters/secrets-manager/model-keys.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { createFastClock } from '../support/fast-clock.ts';
import { type Answer, openService, say, type TestService } from '../support/in-memory-service.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { startPineconeServer } from '../support/pinecone-server/server.ts';
import { startSecretServer } from '../support/secret-server.ts';

const dimension = 64;
const vendor = 'https://api.openai.com/v1';
const openai = { openai_api_key: 'sk-key' };
const pinecone = { pinecone_api_key: 'pc-key' };

const startServers = async () => ({
  secret: await startSecretServer(),
  model: await startOpenAiServer({ apiKey: 'sk-key' }),
  index: await startPineconeServer({ apiKey: 'pc-key', dimension }),
});

let servers: Awaited<ReturnType<typeof startServers>>;
let service: TestService;

const putKeys = (keys: object): void =>
  void servers.secret.secrets.set('keys', JSON.stringify(keys));

/** Starts the service with the adapters of AWS, on a clock on which pauses take little time. */
const open = (): Promise<TestService> => {
  const clock = createFastClock(50);
  const keys = createModelKeys({
    secretId: 'keys',
    clock,
    client: {
      endpoint: servers.secret.endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    },
  });
  const elsewhere: typeof fetch = (url, init) =>
    fetch(String(url).replace(vendor, servers.model.url), init);
  const settings = { apiKey: keys.openai, fetch: elsewhere };
  return openService({
    clock,
    languageModel: createOpenAiLanguageModel({ ...settings, model: 'gpt-4.1-mini' }),
    embedder: createOpenAiEmbedder({
      ...settings,
      model: 'text-embedding-3-small',
      dimensions: dimension,
    }),
    vectorIndex: createPineconeVectorIndex({
      apiKey: keys.pinecone,
      host: servers.index.url,
      buckets: 2,
      dimension,
      clock,
    }),
  });
};

beforeEach(async () => {
  servers = await startServers();
  putKeys({ openai_api_key: '<your key>', pinecone_api_key: '' });
  service = await open();
});
afterEach(async () => {
  await service.close();
  await Promise.all([servers.secret.stop(), servers.model.close(), servers.index.close()]);
});

const add = async (text: string) =>
  (await service.client('POST /v1/turns', { body: say(text) })).body;

const search = (query: string): Promise<Answer> =>
  service.client('POST /v3/memories/search', { body: { query, filters: { user_id: 'alice' } } });

const eventOnce = async (id: string, isSo: (event: Answer['body']) => boolean) => {
  for (let look = 0; look < 200; look++) {
    const { body } = await service.client(`GET /v1/events/${id}?wait=2`);
    if (isSo(body)) return body;
  }
  throw new Error('the event never came to be so');
};

describe('before the keys are in the secret', () => {
  it('without model keys a turn is accepted, found, listed and returned by id', async () => {
    const turn = await add('I moved to Lisbon.');

    const found = await search('Lisbon');
    const listed = await service.client('POST /v3/memories', {
      body: { filters: { user_id: 'alice' } },
    });
    const got = await service.client(`GET /v1/memories/${turn.turn_id}`);

    const rough = { id: turn.turn_id, memory: 'user: I moved to Lisbon.' };
    expect(turn.status).toBe('PENDING');
    expect(found.status).toBe(200);
    expect(found.body.results).toMatchObject([rough]);
    expect(listed.body.results).toMatchObject([rough]);
    expect(got.body).toMatchObject(rough);
  });

  it('without a model key an event waits, says so, and uses up no attempts', async () => {
    const { event_id: id } = await add('I moved to Lisbon.');

    const waiting = await eventOnce(id, ({ error }) => error !== null);
    await service.platform.clock.sleep(150_000);
    const later = await eventOnce(id, ({ status }) => status === 'PENDING');

    const message = { code: 'model_key_missing', message: 'No OpenAI API key is set.' };
    expect(waiting).toMatchObject({ status: 'PENDING', error: { ...message, retryable: true } });
    expect(later).toMatchObject({ attempts: 0, error: message });
  });
});

describe('once the keys are in the secret', () => {
  it('once the keys are set, waiting turns are refined and indexed without further requests', async () => {
    const { event_id: id } = await add('I moved to Lisbon.');
    await eventOnce(id, ({ error }) => error !== null);

    putKeys({ ...openai, ...pinecone });
    const event = await eventOnce(id, ({ status }) => status === 'SUCCEEDED');
    const found = await search('Lisbon');

    expect(event).toMatchObject({ error: null, results: [{ event: 'ADD' }] });
    expect(found.body.results).toMatchObject([{ memory: 'I moved to Lisbon.' }]);
    expect(servers.index.namespaces()).toHaveLength(1);
  });

  it('without an index key memories are found by their words until the key is set', async () => {
    putKeys(openai);
    const { event_id: id } = await add('I moved to Lisbon.');
    await eventOnce(id, ({ status }) => status === 'SUCCEEDED');
    const before = await search('Lisbon');
    const given = servers.index.namespaces();

    putKeys({ ...openai, ...pinecone });
    await service.platform.clock.sleep(20_000);
    await sweep(service.platform);
    for (let look = 0; look < 100 && servers.index.namespaces().length === 0; look++)
      await service.platform.clock.sleep(1_000);

    expect(before.status).toBe(200);
    expect(before.body.results).toMatchObject([{ memory: 'I moved to Lisbon.' }]);
    expect(given).toEqual([]);
    expect(servers.index.namespaces()).toHaveLength(1);
  });
});

describe('a key that is refused', () => {
  it('a rejected index key is not treated as missing: a search says that the index failed', async () => {
    putKeys({ ...openai, pinecone_api_key: 'wrong' });
    const { event_id: id } = await add('I moved to Lisbon.');
    await eventOnce(id, ({ status }) => status === 'SUCCEEDED');

    expect(await search('Lisbon')).toMatchObject({
      status: 503,
      body: { code: 'index_unauthorized' },
    });
  });
});
