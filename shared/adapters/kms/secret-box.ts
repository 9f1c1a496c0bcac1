import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { SecretBox, SecretOwner } from '../../ports/secret-box.ts';

const prefix = 'kms1.';

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
 * Creates a secret box that encrypts with a KMS key, so that CloudTrail logs every decryption. Each call is one request,
 * tried at most three times, so wrap the box in a cache. The SDK is loaded on first use.
 */
export const createKmsSecretBox = ({
  keyId,
  client: config = {},
}: {
  keyId: string;
  client?: KMSClientConfig;
}): SecretBox => {
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
      if (!sealed.startsWith(prefix))
        throw new TerminalError('secret_unreadable', 'A webhook secret was not sealed with KMS.');
      try {
        const blob = Buffer.from(sealed.slice(prefix.length), 'base64url');
        return await decrypt(blob, owner);
      } catch (error) {
        throw toBoxError(error);
      }
    },
  };
};
