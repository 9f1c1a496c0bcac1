import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { SecretBox, SecretOwner } from '../../ports/secret-box.ts';

const prefix = 'kms1.';
/** Lifetime of a decrypted secret in the cache: deliveries to an endpoint come in bursts, and each KMS call costs. */
const cacheTtlMs = 300_000;
const maxCached = 1_000;

/** Builds the encryption context: decryption requires naming the project and endpoint the secret was sealed for. */
const toEncryptionContext = ({ project, endpoint }: SecretOwner) => ({ project, endpoint });

const unreadableErrors = new Set([
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'InvalidKeyUsageException',
]);

const toBoxError = (error: unknown): Error => {
  const name = error instanceof Error ? error.name : 'unknown';
  return unreadableErrors.has(name)
    ? new TerminalError('secret_unreadable', 'A webhook secret cannot be decrypted with this key.')
    : new RetryableError('secret_key_unavailable', `The KMS key cannot be used (${name}).`);
};

/**
 * Creates a secret box that encrypts with a KMS key, so that CloudTrail logs every decryption. Each call is tried at
 * most three times. The SDK is loaded on first use.
 */
export const createKmsSecretBox = ({
  keyId,
  clock,
  client: config = {},
}: {
  keyId: string;
  clock: Pick<Clock, 'now'>;
  client?: KMSClientConfig;
}): SecretBox => {
  const cache = new Map<string, { secret: string; until: number }>();

  const connect = async () => {
    const sdk = await import('@aws-sdk/client-kms');
    const client = new sdk.KMSClient({
      maxAttempts: 3,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 2_000,
        throwOnRequestTimeout: true,
      },
      ...config,
    });
    return { sdk, client };
  };
  let connected: ReturnType<typeof connect> | undefined;

  const put = (name: string, secret: string): void => {
    cache.delete(name);
    cache.set(name, { secret, until: clock.now() + cacheTtlMs });
    const [oldest] = cache.keys();
    if (cache.size > maxCached && oldest !== undefined) cache.delete(oldest);
  };

  const encrypt = async (secret: string, owner: SecretOwner): Promise<Uint8Array> => {
    connected ??= connect();
    const { sdk, client } = await connected;
    const { CiphertextBlob: blob = new Uint8Array() } = await client.send(
      new sdk.EncryptCommand({
        KeyId: keyId,
        Plaintext: Buffer.from(secret),
        EncryptionContext: toEncryptionContext(owner),
      }),
    );
    return blob;
  };

  const decrypt = async (blob: Uint8Array, owner: SecretOwner): Promise<string> => {
    connected ??= connect();
    const { sdk, client } = await connected;
    const { Plaintext: bytes = new Uint8Array() } = await client.send(
      new sdk.DecryptCommand({
        KeyId: keyId,
        CiphertextBlob: blob,
        EncryptionContext: toEncryptionContext(owner),
      }),
    );
    return Buffer.from(bytes).toString('utf8');
  };

  return {
    async seal(secret, owner) {
      try {
        return prefix + Buffer.from(await encrypt(secret, owner)).toString('base64url');
      } catch (error) {
        throw toBoxError(error);
      }
    },

    async open(sealed, owner) {
      const name = JSON.stringify([sealed, owner.project, owner.endpoint]);
      const cached = cache.get(name);
      if (cached && cached.until > clock.now()) return cached.secret;
      if (!sealed.startsWith(prefix))
        throw new TerminalError('secret_unreadable', 'A webhook secret was not sealed with KMS.');
      try {
        const blob = Buffer.from(sealed.slice(prefix.length), 'base64url');
        const secret = await decrypt(blob, owner);
        put(name, secret);
        return secret;
      } catch (error) {
        throw toBoxError(error);
      }
    },
  };
};
