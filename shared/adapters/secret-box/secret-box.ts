import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { TerminalError } from '../../domain/errors.ts';
import type { SecretBox, SecretOwner } from '../../ports/secret-box.ts';

const algorithm = 'aes-256-gcm';
const version = 'v1';
const nonceLength = 12;
const tagLength = 16;

const toAdditionalData = ({ project, endpoint }: SecretOwner): Buffer =>
  Buffer.from(JSON.stringify([version, project, endpoint]));

const unreadable = (cause?: unknown): TerminalError =>
  new TerminalError(
    'secret_unreadable',
    'A webhook secret cannot be decrypted with this key.',
    cause,
  );

/**
 * Creates a secret box of AES-256-GCM. Format: `v1.` and the base64url of nonce, ciphertext and tag. The owner is
 * authenticated too.
 */
export const createSecretBox = (key: Uint8Array): SecretBox => ({
  async seal(secret, owner) {
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv(algorithm, key, nonce);
    cipher.setAAD(toAdditionalData(owner));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return `${version}.${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64url')}`;
  },

  async open(sealed, owner) {
    const [prefix, encoded = ''] = sealed.split('.');
    const bytes = Buffer.from(encoded, 'base64url');
    if (prefix !== version || bytes.length < nonceLength + tagLength) throw unreadable();
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceLength));
      decipher.setAAD(toAdditionalData(owner));
      decipher.setAuthTag(bytes.subarray(-tagLength));
      const text = decipher.update(bytes.subarray(nonceLength, -tagLength));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (error) {
      throw unreadable(error);
    }
  },
});
