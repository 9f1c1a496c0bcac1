import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createModelKeys } from '../../shared/adapters/secrets-manager/model-keys.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { startSecretServer } from '../support/secret-server.ts';

let server: Awaited<ReturnType<typeof startSecretServer>>;
beforeEach(async () => {
  server = await startSecretServer();
});
afterEach(() => server.stop());

const put = (secret: unknown) =>
  server.secrets.set('keys', typeof secret === 'string' ? secret : JSON.stringify(secret));

const both = { openai_api_key: 'sk-1', pinecone_api_key: 'pc-1' };

const keysOf = (clock = createManualClock()) =>
  createModelKeys({
    secretId: 'keys',
    clock,
    client: {
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  });

describe('the keys in the secret', () => {
  it('the keys are read on first use, once for concurrent callers, and again after five minutes', async () => {
    put(both);
    const clock = createManualClock();
    const keys = keysOf(clock);
    const before = server.reads.length;

    const first = await Promise.all([keys.openai(), keys.pinecone(), keys.openai()]);
    await clock.advance(299_000);
    await keys.openai();
    const readsEarly = server.reads.length;
    put({ ...both, openai_api_key: 'sk-2' });
    await clock.advance(1_000);
    const renewed = await keys.openai();

    expect(before).toBe(0);
    expect(first).toEqual(['sk-1', 'pc-1', 'sk-1']);
    expect(readsEarly).toBe(1);
    expect(renewed).toBe('sk-2');
  });

  it.each([
    ['missing', {}],
    ['empty', { openai_api_key: '', pinecone_api_key: ' ' }],
    ['null', { openai_api_key: null, pinecone_api_key: null }],
    ['placeholders', { openai_api_key: 'replace-me', pinecone_api_key: '<your key>' }],
  ])('the keys are undefined when %s', async (_, secret) => {
    put(secret);
    const keys = keysOf();

    expect(await keys.openai()).toBeUndefined();
    expect(await keys.pinecone()).toBeUndefined();
  });

  it('keys that are added to the secret are found soon', async () => {
    put({ openai_api_key: 'sk-1' });
    const clock = createManualClock();
    const keys = keysOf(clock);

    const early = await keys.pinecone();
    put(both);
    await clock.advance(15_000);

    expect(early).toBeUndefined();
    expect(await keys.pinecone()).toBe('pc-1');
  });

  it('the last keys stay in use while the secret cannot be read', async () => {
    put(both);
    const clock = createManualClock();
    const keys = keysOf(clock);
    await keys.openai();

    server.secrets.clear();
    await clock.advance(300_000);

    expect(await keys.openai()).toBe('sk-1');
  });

  it('a secret that was never readable gives a retryable error that quotes nothing', async () => {
    await expect(keysOf().openai()).rejects.toMatchObject({
      code: 'secret_unavailable',
      message: 'The secret cannot be read (ResourceNotFoundException).',
    });
    put('sk-not-json');
    await expect(keysOf().openai()).rejects.toMatchObject({
      code: 'secret_malformed',
      message: 'The secret must be a JSON object with openai_api_key and pinecone_api_key.',
    });
  });
});
