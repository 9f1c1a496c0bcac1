import type { KMSClientConfig } from '@aws-sdk/client-kms';
import { RetryableError, TerminalError } from '../../domain/errors.ts';
import type { SecretBox, SecretOwner } from '../../ports/secret-box.ts';

const prefix = 'kms1.';

/** Encryption context: KMS decrypts only for the owner the secret was sealed for. */
const contextOf = ({ project, endpoint }: SecretOwner) => ({ project, endpoint });

const unreadableErrors = new Set([
  'InvalidCiphertextException',
  'IncorrectKeyException',
  'InvalidKeyUsageException',
]);

const failureOf = (error: unknown): Error => {
  const name = error instanceof Error ? error.name : 'unknown';
  return unreadableErrors.has(name)
    ? new TerminalError('secret_unreadable', 'A webhook secret cannot be opened with this key.')
    : new RetryableError('secret_key_unavailable', `The KMS key cannot be used (${name}).`);
};

/**
 * Encrypts with a KMS key, which logs every use; each call is a request, so wrap it in a cache. The SDK is loaded on first
 * use.
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
        EncryptionContext: contextOf(owner),
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
        EncryptionContext: contextOf(owner),
      }),
    );
    return Buffer.from(bytes).toString('utf8');
  };

  return {
    async seal(secret, owner) {
      try {
        return prefix + Buffer.from(await encrypt(secret, owner)).toString('base64url');
      } catch (error) {
        throw failureOf(error);
      }
    },

    async open(sealed, owner) {
      if (!sealed.startsWith(prefix))
        throw new TerminalError('secret_unreadable', 'A webhook secret was not sealed with KMS.');
      try {
        const blob = Buffer.from(sealed.slice(prefix.length), 'base64url');
        return await decrypt(blob, owner);
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
};
