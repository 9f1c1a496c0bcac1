import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiEmbedder } from '../../shared/adapters/openai/embedder.ts';
import type { RetryableError } from '../../shared/domain/errors.ts';
import { type Fault, failing, rateLimited } from '../support/openai-faults.ts';
import { type OpenAiServerOptions, startOpenAiServer } from '../support/openai-server.ts';
import { blockOf } from '../support/turn-cpu.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const start = async (options: OpenAiServerOptions = {}, dimensions?: number) => {
  const server = await startOpenAiServer(options);
  closers.push(server.close);
  const embedder = createOpenAiEmbedder({ baseUrl: server.url, model: 'words', dimensions });
  return { server, embedder };
};

const failure = async (embedding: Promise<unknown>): Promise<RetryableError> =>
  await embedding.then(
    () => expect.fail('an error was expected'),
    (error) => error,
  );

describe('the name of an embedder', () => {
  it.each([
    ['text-embedding-3-small', undefined, 'text-embedding-3-small@1536'],
    ['text-embedding-3-large', undefined, 'text-embedding-3-large@3072'],
    ['text-embedding-3-large', 256, 'text-embedding-3-large@256'],
    ['nomic-embed-text', 768, 'nomic-embed-text@768'],
    ['nomic-embed-text', undefined, 'nomic-embed-text@auto'],
  ])(
    'the name of an embedder is known before the first call: %s, %s',
    (model, dimensions, name) => {
      expect(createOpenAiEmbedder({ model, dimensions }).model).toBe(name);
    },
  );
});

describe('a request for embeddings', () => {
  it('a compatible server is asked for floats and for no dimension', async () => {
    const { server, embedder } = await start({ dimensions: 8 }, 8);

    const [vector] = await embedder.embed(['green tea']);

    expect(vector).toHaveLength(8);
    expect(server.embeddings()).toEqual([
      { model: 'words', input: ['green tea'], encoding_format: 'float' },
    ]);
  });

  it('OpenAI is asked for base64, and for a dimension only if it is not the default of the model', async () => {
    const { server } = await start({ dimensions: 1536 });
    const vendor = {
      apiKey: 'sk-test',
      model: 'text-embedding-3-small',
      fetch: (input: string | URL | Request, init?: RequestInit) =>
        fetch(String(input).replace('https://api.openai.com/v1', server.url), init),
    };

    const [whole] = await createOpenAiEmbedder(vendor).embed(['green tea']);
    const [short] = await createOpenAiEmbedder({ ...vendor, dimensions: 64 }).embed(['green tea']);

    expect([whole?.length, short?.length]).toEqual([1536, 64]);
    expect(server.embeddings().map(({ encoding_format }) => encoding_format)).toEqual([
      'base64',
      'base64',
    ]);
    expect(server.embeddings().map(({ dimensions }) => dimensions)).toEqual([undefined, 64]);
  });

  it('a long list of texts is split by count and by characters', async () => {
    const { server, embedder } = await start();
    const texts = [
      ...Array.from({ length: 300 }, (_, i) => `fact ${i}`),
      ...Array.from({ length: 20 }, (_, i) => `${i} `.padEnd(9_000, 'long ')),
    ];

    const vectors = await embedder.embed(texts);

    expect(vectors).toHaveLength(320);
    const sizes = server.embeddings().map(({ input }) => input.length);
    expect(Math.max(...sizes)).toBe(64);
    for (const { input } of server.embeddings()) {
      expect(input.join('').length).toBeLessThanOrEqual(100_000);
    }
  });

  it('refused long texts are sent again, truncated', async () => {
    const { server, embedder } = await start();
    server.embedNext(failing(400, { message: 'the input length exceeds the context length' }));

    const vectors = await embedder.embed(['word '.repeat(1_000), 'short']);

    expect(vectors).toHaveLength(2);
    expect(server.embeddings().map(({ input }) => input[0]?.length)).toEqual([4_999, 2_499]);
  });

  it('vectors out of order are sorted by their index', async () => {
    const { server, embedder } = await start();
    const entry = (index: number, embedding: number[]) => ({
      object: 'embedding',
      index,
      embedding,
    });
    const data = [entry(1, [0, 2]), entry(0, [3, 0])];
    server.embedNext({ fault: 'body', body: JSON.stringify({ object: 'list', data }) });

    const vectors = await embedder.embed(['a', 'b']);

    expect(vectors.map((vector) => [...vector])).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });
});

describe('an embedding service that fails', () => {
  it.each<[string, Fault]>([
    ['a failing server', failing(503)],
    ['a dropped connection', { fault: 'drop' }],
  ])(
    'a transient failure of the embedding service is retried once, at once: %s',
    async (_, fault) => {
      const { server, embedder } = await start();
      server.embedNext(fault);

      expect(await embedder.embed(['green tea'])).toHaveLength(1);
      expect(server.requests).toHaveLength(2);
    },
  );

  it.each<[string, string, number, Fault]>([
    ['down for longer', 'embedder_unavailable', 2, failing(500)],
    ['a refused key', 'embedder_unauthorized', 1, failing(401)],
    ['an unknown model', 'embedder_unknown', 1, failing(404)],
    ['a refused request', 'embedder_rejected', 1, failing(400)],
    ['a spent quota', 'embedder_quota_exhausted', 1, failing(429, { code: 'insufficient_quota' })],
  ])('a failure of the embedding service has its own code: %s', async (_, code, calls, fault) => {
    const { server, embedder } = await start({ embeddings: fault });

    const error = await failure(embedder.embed(['green tea']));

    expect(error).toMatchObject({ name: 'RetryableError', code });
    expect(server.requests).toHaveLength(calls);
  });

  it('`Retry-After` is passed to the caller instead of waiting', async () => {
    const { server, embedder } = await start({ embeddings: rateLimited('30') });

    const error = await failure(embedder.embed(['green tea']));

    expect(error).toMatchObject({ code: 'embedder_rate_limited', retryAfterMs: 30_000 });
    expect(server.requests).toHaveLength(1);
  });

  it.each<[string, number[][]]>([
    ['too few vectors', [[1, 0, 0, 0]]],
    [
      'a vector of another length',
      [
        [1, 0, 0, 0],
        [1, 0],
      ],
    ],
    ['an empty vector', [[1, 0, 0, 0], []]],
    [
      'a vector of zeros',
      [
        [1, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    ],
  ])('an invalid response of the embedding service is rejected: %s', async (_, vectors) => {
    const { embedder } = await start({ embeddings: vectors }, 4);

    const error = await failure(embedder.embed(['a', 'b']));

    expect(error).toMatchObject({ name: 'RetryableError', code: 'embedder_invalid' });
  });

  const bodies: readonly (readonly [string, unknown])[] = [
    ['null', null],
    ['a number', 5],
    ['a list', []],
    ['no data', {}],
    ['data that is no list', { data: { length: 1 } }],
    ['null in place of a vector', { data: [null] }],
    ['a number in place of a vector', { data: [1] }],
    ['an entry without a vector', { data: [{ index: 0 }] }],
    ['a vector that is text', { data: [{ index: 0, embedding: 'abcd' }] }],
    ['a vector that is an object', { data: [{ index: 0, embedding: { length: 4 } }] }],
    ['a vector with text', { data: [{ index: 0, embedding: ['x', 1, 1, 1] }] }],
    ['a vector with null', { data: [{ index: 0, embedding: [1, null, 1, 1] }] }],
    ['a vector of lists', { data: [{ index: 0, embedding: [[1], [1], [1], [1]] }] }],
  ];

  it.each(bodies)(
    'an answer of the wrong form is a failure of the service: %s',
    async (_, body) => {
      const { embedder } = await start(
        { embeddings: { fault: 'body', body: JSON.stringify(body) } },
        4,
      );

      const error = await failure(embedder.embed(['a']));

      expect(error).toMatchObject({ name: 'RetryableError', code: 'embedder_invalid' });
    },
  );

  it.each([
    ['many empty lists', `{"data":[${'[],'.repeat(5_000_000)}[]]}`, 4],
    ['a huge vector', `{"data":[{"index":0,"embedding":[${'1,'.repeat(200_000)}1]}]}`, undefined],
    ['long numbers', `{"data":[{"index":0,"embedding":[0.${'1'.repeat(1_000_000)}]}]}`, 4],
    ['many levels', `{"data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 4],
  ])('a large answer is refused before it is parsed: %s', async (_, body, dimensions) => {
    const { embedder } = await start({ embeddings: { fault: 'body', body } }, dimensions);

    const { ms } = await blockOf(async () => {
      expect(await failure(embedder.embed(['a']))).toMatchObject({ code: 'embedder_oversized' });
    });

    expect(ms).toBeLessThan(50);
  });

  it('a full batch of vectors of a large dimension is read', async () => {
    const { embedder } = await start({ dimensions: 4_096 });

    const vectors = await embedder.embed(Array.from({ length: 64 }, (_, i) => `fact ${i}`));

    expect(vectors.map(({ length }) => length)).toEqual(Array(64).fill(4_096));
  });

  it('a missing API key fails without a request', async () => {
    const embedder = createOpenAiEmbedder({ model: 'text-embedding-3-small' });

    const error = await failure(embedder.embed(['a']));

    expect(error.code).toBe('embedder_key_missing');
  });

  it('no request is sent before an expected API key exists, not even to a compatible server', async () => {
    const { server } = await start();
    let key: string | undefined;
    const apiKey = async () => key;
    const embedder = createOpenAiEmbedder({ baseUrl: server.url, model: 'words', apiKey });

    const error = await failure(embedder.embed(['a']));
    const before = server.requests.length;
    key = 'sk-late';
    const vectors = await embedder.embed(['a']);

    expect(error.code).toBe('embedder_key_missing');
    expect(before).toBe(0);
    expect(vectors).toHaveLength(1);
  });
});
