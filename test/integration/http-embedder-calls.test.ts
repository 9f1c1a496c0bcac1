import { afterEach, describe, expect, it } from 'vitest';
import { createGuardedEmbedder } from '../../shared/adapters/guarded-embedder/guarded-embedder.ts';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { type Client, finalEvent, openService, say } from '../support/in-memory-service.ts';
import { type Fault, failing, rateLimited } from '../support/openai-faults.ts';
import { type EmbeddingsBehaviour, startOpenAiServer } from '../support/openai-server.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Starts a service with two projects and a remote embedder. */
const open = async (embeddings?: EmbeddingsBehaviour) => {
  const server = await startOpenAiServer(embeddings ? { embeddings } : {});
  const embedder = createOpenAiEmbedder({ baseUrl: server.url, model: 'words' });
  const service = await openService({ embedder: createGuardedEmbedder(embedder, systemClock) });
  // Calls that are never answered end with the server.
  closers.push(server.close, service.close);
  return {
    server,
    mine: service.client,
    others: await service.clientOf('others'),
    /** Counts the requests for the vector of a text. */
    asked: (text: string) => server.embeddings().filter(({ input }) => input.includes(text)).length,
  };
};

const keep = async (client: Client, text: string): Promise<void> => {
  const { body } = await client('POST /v3/memories/add', { body: { ...say(text), infer: false } });
  await finalEvent(client, body.event_id);
};

const search = (client: Client, query: string) =>
  client('POST /v3/memories/search', { body: { query, filters: { user_id: 'alice' } } });

const text = 'The doctor is called Hawthorne.';

describe('a vector that was made for one project', () => {
  it('a vector of one project is not used for a search of another: the embedder is called again', async () => {
    const { mine, others, asked } = await open();
    await keep(others, 'I like tea.');
    await keep(mine, text);
    await expect.poll(() => asked(text), { timeout: 10_000 }).toBe(1);

    await search(others, text);
    const byAnother = asked(text);
    await search(others, text);
    await search(mine, text);

    expect(byAnother).toBe(2);
    expect(asked(text)).toBe(2);
  });

  it('a vector of one project is not used for a memory of another, nor one of an earlier search', async () => {
    const { mine, others, asked } = await open();
    // The dimension is known from the first call on, and vectors of an earlier call are made again.
    await search(mine, 'What is the dimension?');
    await keep(mine, 'I like tea.');
    await keep(others, 'I like tea.');
    await search(mine, text);

    await search(others, text);
    const searched = asked(text);
    await keep(others, text);
    await keep(mine, text);

    expect(searched).toBe(2);
    await expect.poll(() => asked('I like tea.'), { timeout: 10_000 }).toBe(2);
    expect(asked(text)).toBe(2);
  });
});

describe('an embedder that asks to be left alone for a while', () => {
  it.each([
    ['by a rate limit', rateLimited('60')],
    ['by a quota that is spent', failing(429, { code: 'insufficient_quota' })],
    ['by a model that it does not know', failing(404)],
  ])(
    'an embedder that rate-limits is not called again by a hundred searches and adds, %s',
    async (_, fault) => {
      const { server, mine, others } = await open(fault);

      const found: unknown[] = [];
      for (let n = 0; n < 50; n++) {
        await keep(n % 2 ? mine : others, `I like tea ${n}.`);
        found.push((await search(n % 2 ? mine : others, `tea ${n}`)).body.degraded);
      }

      // The first add (for its memory and its message) and the first search may have called the embedder at the same time. A slow
      // machine probes it with a text of its own as well.
      const asked = server.embeddings().filter(({ input }) => !input.includes('ok'));
      expect(asked.length).toBeLessThanOrEqual(3);
      expect(found).toEqual(found.map(() => ['semantic']));
    },
  );
});

describe('an embedder that never answers', () => {
  it.each<Fault>([{ fault: 'hang' }, { fault: 'stall' }])(
    'an embedder that never answers delays no search: the answer is by words and says so ($fault)',
    async (fault) => {
      const { server, mine } = await open(fault);
      await keep(mine, 'I like tea.');
      await keep(mine, text);

      const { body, headers } = await search(mine, 'Who is called Hawthorne?');

      expect(body.results[0].memory).toBe(text);
      expect(body.degraded).toEqual(['semantic']);
      expect(headers.get('Turnstone-Degraded')).toBe('semantic');
      // The call goes on, for the next search.
      expect(server.requests.at(-1)?.abandoned).toBe(false);
    },
  );
});
