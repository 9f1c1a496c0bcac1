import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKmsSecretBox } from '../../shared/adapters/kms/secret-box.ts';
import { startKmsServer } from '../support/kms-server.ts';

let server: Awaited<ReturnType<typeof startKmsServer>>;
beforeEach(async () => {
  server = await startKmsServer('key-1');
});
afterEach(() => server.stop());

const owner = { project: 'proj_1', endpoint: 'whe_1' };

const boxOf = (keyId = 'key-1') =>
  createKmsSecretBox({
    keyId,
    client: {
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
  });

describe('the secret box of KMS', () => {
  it('a sealed secret can be opened and does not contain its text', async () => {
    const sealed = await boxOf().seal('whsec_geheim', owner);

    expect(sealed).not.toContain('geheim');
    expect(await boxOf().open(sealed, owner)).toBe('whsec_geheim');
  });

  it.each([
    ['another project', { ...owner, project: 'proj_2' }],
    ['another endpoint', { ...owner, endpoint: 'whe_2' }],
  ])('a secret cannot be opened for %s', async (_, other) => {
    const box = boxOf();
    const sealed = await box.seal('whsec_geheim', owner);
    await box.open(sealed, owner);

    await expect(box.open(sealed, other)).rejects.toMatchObject({
      name: 'TerminalError',
      code: 'secret_unreadable',
    });
  });

  it('a KMS key that cannot be used is a retryable error', async () => {
    await expect(boxOf('key-2').seal('whsec_geheim', owner)).rejects.toMatchObject({
      name: 'RetryableError',
      code: 'secret_key_unavailable',
      message: 'The KMS key cannot be used (NotFoundException).',
    });
  });

  it('a secret that another box sealed is refused', async () => {
    await expect(boxOf().open('v1.abc', owner)).rejects.toMatchObject({
      code: 'secret_unreadable',
    });
  });
});
