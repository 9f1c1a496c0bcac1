import { afterEach, describe, expect, it } from 'vitest';
import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import {
  angled,
  entry,
  idsOf,
  model,
  query,
  referenceTo,
} from '../contract/vector-index-harness.ts';
import { openPineconeIndex } from '../support/pinecone-index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const open: typeof openPineconeIndex = async (options) => {
  const opened = await openPineconeIndex(options);
  closers.push(opened.server.close);
  return opened;
};

const tea = entry('m', { terms: { tea: 1 } });
const asked = query('p', { terms: ['tea'] });

const failure = async (promise: Promise<unknown>): Promise<RetryableError> =>
  promise.then(
    () => expect.fail('an error was expected'),
    (error) => error,
  );

describe('a transient failure', () => {
  it.each([
    ['is throttled', { status: 429, retryAfter: '1' }],
    ['meets a failure', { status: 503 }],
    ['is dropped', 'drop' as const],
    ['is answered by something else', { status: 502 }],
  ])('a request is retried when it %s', async (_, fault) => {
    const { server, index } = await open();
    server.fail('upsert', fault);
    server.fail('query', fault, fault);

    await index.upsert('p', [tea]);
    const answer = await index.query(asked);

    expect(idsOf(answer)).toEqual(['m#1']);
    expect(server.bodiesOf('upsert')).toHaveLength(2);
    expect(server.bodiesOf('query')).toHaveLength(3);
  });

  it('a write whose response was lost is safely retried', async () => {
    const { server, index } = await open();
    server.fail('upsert', 'lose-answer');
    server.fail('delete', 'lose-answer');

    await index.upsert('p', [tea, entry('n', { terms: { tea: 1 } })]);
    await index.remove('p', [referenceTo(tea)]);

    expect(idsOf(await index.query(asked))).toEqual(['n#1']);
    expect(server.bodiesOf('upsert')[0]).toEqual(server.bodiesOf('upsert')[1]);
  });

  it('retries wait for `Retry-After`, else with exponential backoff', async () => {
    const { server, index, clock } = await open();
    server.fail('query', { status: 429, retryAfter: '2' }, { status: 429 });
    server.fail('upsert', { status: 500 }, { status: 500 });

    await index.query(asked);
    await index.upsert('p', [tea]);

    expect(clock.slept).toEqual([2_000, 200, 100, 200]);
  });

  it('a request without a response times out and is retried', async () => {
    const { server, index } = await open({ timeoutMs: 150 });
    await index.upsert('p', [tea]);
    server.fail('query', 'hang');

    expect(idsOf(await index.query(asked))).toEqual(['m#1']);
  });
});

describe('a permanent failure', () => {
  it.each([
    [{ status: 429 }, 'index_rate_limited', 3],
    [{ status: 429, retryAfter: '30' }, 'index_rate_limited', 1],
    [{ status: 500 }, 'index_unavailable', 3],
    ['drop' as const, 'index_unavailable', 3],
    ['hang' as const, 'index_unavailable', 3],
    ['junk' as const, 'index_unavailable', 1],
    [{ status: 402 }, 'index_unavailable', 1],
    [{ status: 401 }, 'index_unauthorized', 1],
    [{ status: 403 }, 'index_unauthorized', 1],
  ])('the failure %j is %s after %i attempts', async (fault, code, times) => {
    const { server, index } = await open({ timeoutMs: 100 });
    server.fail('query', fault, fault, fault, fault);

    const error = await failure(index.query(asked));

    expect(error).toBeInstanceOf(RetryableError);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^[A-Z][^\n]+\.$/);
    expect(server.bodiesOf('query')).toHaveLength(times);
  });

  it('a long `Retry-After` is passed to the caller', async () => {
    const { server, index } = await open();
    server.fail('upsert', { status: 429, retryAfter: '30' });

    expect(await failure(index.upsert('p', [tea]))).toMatchObject({ retryAfterMs: 30_000 });
  });

  it('a refused request is a terminal error', async () => {
    const { server, index } = await open();
    server.fail('upsert', { status: 400 });

    const error = await failure(index.upsert('p', [tea]));

    expect(error).toBeInstanceOf(TerminalError);
    expect(error.code).toBe('index_rejected');
  });

  it('an error quotes neither the API key nor the request', async () => {
    const { server, index } = await open({ apiKey: 'wrong key' });

    const refused = await failure(index.upsert('p', [tea]));
    const { server: gone, index: nowhere } = await openPineconeIndex();
    await gone.close();
    const unreachable = await failure(nowhere.query(asked));

    expect(server.requests).toHaveLength(1);
    expect(refused.code).toBe('index_unauthorized');
    expect(unreachable.message).toBe(
      `The vector index at ${new URL(gone.url).host} broke off (ECONNREFUSED).`,
    );
    for (const error of [refused, unreachable])
      expect(`${error.message} ${error.cause}`).not.toMatch(/a key|wrong key|tea/);
  });

  it('no request is sent without an API key, and requests succeed once the key exists', async () => {
    let key: string | undefined;
    const { server, index } = await open({ apiKey: async () => key });

    const error = await failure(index.query(asked));
    key = 'a key';
    await index.query(asked);

    expect(error).toMatchObject({ code: 'index_key_missing' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a namespace without writes', () => {
  it('a deletion in a namespace without writes is no error', async () => {
    const { server, index } = await open();

    await index.remove('p', [referenceTo(tea)]);

    expect(server.bodiesOf('delete')).toHaveLength(1);
    expect(await index.query(asked)).toEqual({ hits: [] });
    expect(await index.areVisible('p', [referenceTo(tea)])).toEqual([false]);
  });
});

describe('vectors of another dimension than the index', () => {
  it('vectors of the wrong dimension are refused with one sentence before any request', async () => {
    const { server, index } = await open();
    const dense = { model, vector: angled(7, 0) };

    const errors = [
      await failure(index.upsert('p', [entry('m', { dense })])),
      await failure(index.query(query('p', { dense }))),
    ];

    expect(server.requests).toEqual([]);
    for (const { code, message } of errors) {
      expect(code).toBe('index_dimension');
      expect(message).toBe(
        'The vector index takes vectors of 5 dimensions; those of model-a have 7.',
      );
    }
  });
});

describe('a failure in the middle of many batches', () => {
  it('a failing batch is thrown after the batches in flight have ended, and a retry completes the write', async () => {
    const { server, index } = await open();
    const entries = Array.from({ length: 2_500 }, (_, i) => entry(`m${i}`, { terms: { tea: 1 } }));
    server.fail('upsert', { status: 400 });

    const error = await failure(index.upsert('p', entries));
    await index.upsert('p', entries);

    const found = await index.query(query('p', { terms: ['tea'], limit: 3_000 }));
    expect(error.code).toBe('index_rejected');
    expect(found.hits).toHaveLength(2_500);
  });
});
