import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import { type Fault, failing } from '../support/openai-faults.ts';
import { type EmbeddingsBehaviour, startOpenAiServer } from '../support/openai-server.ts';
import type { EmbeddingsRequest } from '../support/openai-wire.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const start = async (embeddings: EmbeddingsBehaviour) => {
  const server = await startOpenAiServer({ embeddings });
  closers.push(server.close);
  const lines: unknown[] = [];
  const telemetry = { log: (...line: unknown[]) => void lines.push(line) };
  const embedder = createOpenAiEmbedder({ baseUrl: server.url, model: 'words', telemetry });
  return { server, embedder, lines };
};

const vectorsFor = ({ input }: EmbeddingsRequest, dimension = 4): number[][] =>
  input.map(() => Array.from({ length: dimension }, () => 1));

/** Server that refuses longer texts with the given fault. */
const takingOnly = (characters: number, fault: Fault) => (request: EmbeddingsRequest) =>
  request.input.some((text) => text.length > characters) ? fault : vectorsFor(request);

const long = 'word '.repeat(1_200);
const longest = (request: EmbeddingsRequest | undefined): number =>
  Math.max(...(request?.input ?? []).map((text) => text.length));

describe('a server with a lower limit', () => {
  it.each<[string, number, Fault]>([
    ['by a 500', 2_000, failing(500, { message: 'input is too large to process' })],
    ['by a 500 without a reason', 2_000, failing(500)],
    ['by a 400', 700, failing(400, { message: 'maximum context length is 256 tokens' })],
    ['by a 413', 1_000, failing(413)],
    ['by a 422', 1_600, failing(422, { message: 'inputs must have less than 512 tokens' })],
  ])(
    'texts shrink until the server accepts them, and later ones start at that length: %s',
    async (_, limit, fault) => {
      const { server, embedder } = await start(takingOnly(limit, fault));

      const vectors = await embedder.embed([long, 'short']);
      const asked = server.embeddings().length;
      await embedder.embed([long]);

      expect(vectors).toHaveLength(2);
      expect(server.embeddings()).toHaveLength(asked + 1);
      expect(longest(server.embeddings().at(-1))).toBeLessThanOrEqual(limit);
    },
  );

  it('a refusal without a reason does not shorten later texts', async () => {
    const { server, embedder } = await start((request) => vectorsFor(request));
    server.embedNext(failing(400, { message: 'invalid content' }));

    await embedder.embed([long]);
    await embedder.embed([long]);

    expect(longest(server.embeddings().at(-1))).toBeGreaterThan(5_000);
  });

  it('batches shrink after a refusal of their size', async () => {
    const { server, embedder } = await start((request) =>
      request.input.length > 8
        ? failing(422, { message: 'batch size 64 > maximum allowed batch size 8' })
        : vectorsFor(request),
    );
    const texts = Array.from({ length: 40 }, (_, i) => `fact ${i}`);

    const vectors = await embedder.embed(texts);
    const asked = server.embeddings().length;
    await embedder.embed(texts);

    expect(vectors).toHaveLength(40);
    expect(
      server
        .embeddings()
        .slice(asked)
        .map(({ input }) => input.length),
    ).toEqual([5, 5, 5, 5, 5, 5, 5, 5]);
  });

  it('an embedding service that refuses short texts is unavailable', async () => {
    const { server, embedder } = await start(failing(500));

    await expect(embedder.embed([long])).rejects.toMatchObject({ code: 'embedder_unavailable' });
    expect(server.requests.length).toBeLessThan(20);
  });
});

describe('a model of unknown dimension', () => {
  it('an unknown model is named after the dimension of its first response, and renamed when it changes', async () => {
    const { server, embedder, lines } = await start((request) => vectorsFor(request, 8));
    const names: string[] = [];
    embedder.onModelChange?.(() => names.push(embedder.model));
    const before = embedder.model;

    await embedder.embed(['a']);
    await embedder.embed(['b']);
    server.embedNext((request) => vectorsFor(request, 16));
    await embedder.embed(['c']);

    expect([before, ...names]).toEqual(['words@auto', 'words@8', 'words@16']);
    expect(lines).toEqual([
      ['warn', 'embedder.dimension_changed', { model: 'words', from: 8, to: 16 }],
    ]);
  });

  it('a response with two dimensions is invalid', async () => {
    const { embedder } = await start([
      [1, 0],
      [1, 0, 0],
    ]);

    await expect(embedder.embed(['a', 'b'])).rejects.toMatchObject({ code: 'embedder_invalid' });
    expect(embedder.model).toBe('words@auto');
  });
});

describe('an oversized response or a redirect', () => {
  it('an oversized response of the embedding service is aborted', async () => {
    const { embedder } = await start({ fault: 'body', body: ' '.repeat(17_000_000) });

    await expect(embedder.embed(['a'])).rejects.toMatchObject({
      code: 'embedder_oversized',
      message: expect.stringContaining(' answered more than is read.'),
    });
  });

  it('a redirect of the embedding service is not followed', async () => {
    const { server } = await start((request) => vectorsFor(request));
    const away = createServer((_, response) => {
      response.writeHead(308, { location: `${server.url}/embeddings` }).end();
    });
    await new Promise<void>((resolve) => away.listen(0, '127.0.0.1', resolve));
    closers.push(async () => void away.close());
    const { port } = away.address() as AddressInfo;
    const embedder = createOpenAiEmbedder({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      model: 'words',
    });

    await expect(embedder.embed(['a'])).rejects.toMatchObject({
      code: 'embedder_unavailable',
      message: expect.stringContaining(' answered with a redirect, which is not followed.'),
    });
    expect(server.requests).toEqual([]);
  });
});
