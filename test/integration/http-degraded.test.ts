import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedEmbedder } from '../../shared/adapters/guarded-embedder/guarded-embedder.ts';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createWatchedIndex } from '../../shared/adapters/watched-index/watched-index.ts';
import { RetryableError } from '../../shared/domain/errors.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { failing } from '../support/openai-faults.ts';
import { startOpenAiServer } from '../support/openai-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Starts a service on a model server that chats, and embeds as a test says. */
const open = async (options: Parameters<typeof startOpenAiServer>[0] = {}) => {
  const server = await startOpenAiServer(options);
  const embedder = createOpenAiEmbedder({ baseUrl: server.url, model: 'words' });
  const service = await openService({
    languageModel: createOpenAiLanguageModel({ baseUrl: server.url, model: 'gpt-test' }),
    embedder: createGuardedEmbedder(embedder, systemClock),
  });
  closers.push(service.close, server.close);
  return { server, service };
};

const refined = async ({ client }: TestService, text: string): Promise<void> => {
  const { body } = await client('POST /v1/turns', { body: say(text) });
  await finalEvent(client, body.event_id);
};

const search = (service: TestService, path: string) =>
  service.client(`POST ${path}`, {
    body: { query: 'Lisbon', filters: { user_id: 'alice' } },
  });

const health = async ({ client }: TestService) => (await client('GET /v1/health')).body;

describe('a server that chats but does not embed', () => {
  it('an embedder that fails is degraded in the health, which still answers 200', async () => {
    const { service } = await open({ embeddings: failing(404) });
    const before = await health(service);

    await refined(service, 'I live in Lisbon.');
    const answer = await service.client('GET /v1/health');

    expect(before).toMatchObject({ status: 'ok', health: { embedder: { status: 'ok' } } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'degraded',
      health: {
        model: { status: 'ok' },
        index: { status: 'ok' },
        embedder: {
          status: 'degraded',
          code: 'embedder_unknown',
          since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        },
      },
    });
  });

  it('a search without an embedder is by words, and each answer says so', async () => {
    const { service } = await open({ embeddings: failing(404) });
    await refined(service, 'I live in Lisbon.');

    const current = await search(service, '/v3/memories/search');
    const list = await search(service, '/v2/memories/search');

    expect(current.body).toMatchObject({ degraded: ['semantic'] });
    expect(current.body.results[0].memory).toContain('Lisbon');
    expect(list.body[0].memory).toContain('Lisbon');
    expect([current, list].map(({ headers }) => headers.get('Turnstone-Degraded'))).toEqual([
      'semantic',
      'semantic',
    ]);
  });
});

describe('a server that embeds', () => {
  it('ten searches for the same text in one project request one vector', async () => {
    const { server, service } = await open();
    await refined(service, 'I live in Lisbon.');

    const found = [];
    for (let i = 0; i < 10; i++) found.push(await search(service, '/v3/memories/search'));

    const ofQuery = server.embeddings().filter(({ input }) => input.includes('Lisbon'));
    expect(ofQuery).toHaveLength(1);
    expect(found.every(({ body }) => body.degraded === undefined)).toBe(true);
    expect(found[0]?.headers.get('Turnstone-Degraded')).toBeNull();
  });

  it('an embedder is ok again once it works', async () => {
    const { server, service } = await open();
    server.embedNext({ fault: 'body', body: '{}' });
    await refined(service, 'I live in Lisbon.');
    await search(service, '/v3/memories/search');

    expect(await health(service)).toMatchObject({ status: 'ok' });
  });
});

describe('an index that fails', () => {
  it('an index is degraded from its first failure on, until a call succeeds', async () => {
    const platform = createLocalPlatform({ path: ':memory:' });
    closers.push(platform.close);
    let isDown = true;
    const index = createWatchedIndex(
      {
        ...platform.vectorIndex,
        query: async (query) => {
          if (isDown) throw new RetryableError('index_unavailable', 'The index is down.');
          return platform.vectorIndex.query(query);
        },
      },
      systemClock,
    );
    const query = { project: 'p', partitions: [], terms: [], classes: [], limit: 1 };

    await expect(index.query(query)).rejects.toThrow('down');
    const failingOnce = index.health?.();
    isDown = false;
    await index.query(query);

    expect(failingOnce).toMatchObject({ status: 'degraded', code: 'index_unavailable' });
    expect(index.health?.()).toEqual({ status: 'ok' });
  });
});

describe('a remote chat model', () => {
  it('a remote chat model is combined with the embedded embedder if set so', () => {
    const platform = createLocalPlatform({
      path: ':memory:',
      openaiBaseUrl: 'http://127.0.0.1:9/v1',
      embeddingModel: 'embedded',
    });
    closers.push(platform.close);

    expect(platform.parts).toMatchObject({ language_model: 'remote', embedder: 'embedded' });
    expect(platform.embedder.model).toMatch(/^minilm-l6-v2@/);
    expect(platform.languageModel.quality).toBe('model');
  });
});
