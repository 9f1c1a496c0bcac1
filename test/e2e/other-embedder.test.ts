import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';
import type { EmbeddingsRequest } from '../support/openai-wire.ts';
import { type RunningService, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const apiKey = 'a-key-of-my-own-choice';
const headers = { authorization: `Token ${apiKey}`, 'content-type': 'application/json' };
const known = 'My doctor is called Hawthorne.';

let folder: ReturnType<typeof temporaryFolder>;
let server: OpenAiServer;
let dimension: number;
let services: RunningService[];

beforeEach(async () => {
  folder = temporaryFolder();
  services = [];
  dimension = 8;
  server = await startOpenAiServer({
    embeddings: ({ input }: EmbeddingsRequest) =>
      input.map((text) => Array.from({ length: dimension }, (_, n) => (n + text.length) % 5)),
  });
});
afterEach(async () => {
  for (const { child } of services) child.kill('SIGKILL');
  await Promise.all(services.map(({ ended }) => ended));
  await server.close();
  folder.remove();
});

const start = async (settings: NodeJS.ProcessEnv = {}): Promise<RunningService> => {
  const service = await startService({
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: apiKey,
    OPENAI_BASE_URL: server.url,
    TURNSTONE_EMBEDDING_MODEL: 'words',
    TURNSTONE_SWEEP_INTERVAL_MS: '500',
    ...settings,
  });
  services.push(service);
  return service;
};

const stop = async ({ child, ended }: RunningService): Promise<void> => {
  child.kill('SIGTERM');
  await ended;
};

const post = async ({ url }: RunningService, path: string, body: object) =>
  (await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();

const keep = (service: RunningService, content: string) =>
  post(service, '/v3/memories/add', {
    user_id: 'ana',
    messages: [{ role: 'user', content }],
    infer: false,
    async_mode: false,
  });

const search = (service: RunningService, query: string) =>
  post(service, '/v3/memories/search', { query, filters: { user_id: 'ana' } });

/** Counts how often a text has been embedded. */
const asked = (text: string): number =>
  server.embeddings().filter(({ input }) => input.includes(text)).length;

describe('a change of the embedding model', () => {
  it.each([
    ['of another dimension, though of the same name', {}, 16, 'words@8', 'words@16'],
    ['of another name', { TURNSTONE_EMBEDDING_MODEL: 'meanings' }, 8, 'words@8', 'meanings@8'],
  ])(
    'memories embedded by another model are embedded again by the next start, whose log says why: %s',
    async (_, settings, next, from, to) => {
      const first = await start();
      await keep(first, known);
      await expect.poll(() => asked(known), { timeout: 10_000 }).toBeGreaterThanOrEqual(1);
      await stop(first);
      const before = asked(known);

      dimension = next;
      const second = await start(settings);
      await expect.poll(() => asked(known), { timeout: 10_000 }).toBeGreaterThan(before);
      await stop(second);
      const again = asked(known);
      const third = await start(settings);
      await search(third, 'doctor');

      const why = `"event":"reindex.other_embedder","from":"${from}","to":"${to}"`;
      expect(first.err()).not.toContain('reindex.other_embedder');
      expect(second.err()).toContain(why);
      expect(third.err()).not.toContain('reindex.other_embedder');
      expect(asked(known)).toBe(again);
    },
    60_000,
  );

  it('memories are embedded again at once if the model changes while the service runs', async () => {
    const service = await start();
    await keep(service, known);
    await expect.poll(() => asked(known), { timeout: 10_000 }).toBe(1);

    dimension = 16;
    await search(service, 'doctor');
    await expect.poll(() => asked(known), { timeout: 10_000 }).toBe(2);
    const found = await search(service, known);

    expect(service.err()).toContain('"event":"embedder.dimension_changed"');
    expect(service.err()).toContain('"event":"reindex.other_embedder"');
    expect(found).toMatchObject({ results: [{ memory: known }] });
  }, 60_000);
});
