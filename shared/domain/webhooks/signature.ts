import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign as signWith,
} from 'node:crypto';

/** Message to sign. `timestamp`: of the attempt, in seconds since 1970. */
export interface SignedMessage {
  id: string;
  timestamp: number;
  body: Uint8Array;
}

/** Maximum of secrets valid at once, and so of signatures per request. */
export const maxSecrets = 5;
const minSecretLength = 24;
const maxSecretLength = 64;
const seedLength = 32;

const standardBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const decode = (text: string, prefix: string): Buffer | undefined => {
  const encoded = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !standardBase64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // Bits beyond the last byte must be zero, so that a key has only one spelling.
  return bytes.toString('base64') === encoded ? bytes : undefined;
};

/** Returns a key object, which signs several times faster than bytes. */
const hmacKey = (secret: string): KeyObject | undefined => {
  const bytes = decode(secret, 'whsec_');
  return bytes && bytes.length >= minSecretLength && bytes.length <= maxSecretLength
    ? createSecretKey(bytes)
    : undefined;
};

/** Parses an Ed25519 key pair: seed followed by public key. */
const privateKey = (secret: string) => {
  const bytes = decode(secret, 'whsk_');
  if (bytes?.length !== 2 * seedLength) return undefined;
  const [d, x] = [bytes.subarray(0, seedLength), bytes.subarray(seedLength)];
  const jwk = { kty: 'OKP', crv: 'Ed25519', d: d.toString('base64url') };
  const key = createPrivateKey({ key: { ...jwk, x: x.toString('base64url') }, format: 'jwk' });
  return createPublicKey(key).export({ format: 'jwk' }).x === x.toString('base64url')
    ? key
    : undefined;
};

/** Whether a text is `whsec_` and standard base64 of 24 to 64 bytes, or `whsk_` and that of an Ed25519 key pair. */
export const isSecret = (text: string): boolean =>
  hmacKey(text) !== undefined || privateKey(text) !== undefined;

/** @param bytes 24 to 64 random bytes */
export const formatSecret = (bytes: Uint8Array): string => {
  const secret = `whsec_${Buffer.from(bytes).toString('base64')}`;
  if (!hmacKey(secret)) throw new TypeError('a secret has 24 to 64 bytes');
  return secret;
};

/** Bytes before the seed of an Ed25519 key in PKCS #8. */
const seedHeader = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param seed 32 random bytes */
export const formatKeyPair = (seed: Uint8Array): string => {
  const key = Buffer.concat([seedHeader, seed]);
  const { x = '' } = createPublicKey(
    createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
  ).export({ format: 'jwk' });
  return `whsk_${Buffer.concat([seed, Buffer.from(x, 'base64url')]).toString('base64')}`;
};

/** Public key of a key pair; undefined for a shared secret. */
export const publicKeyOf = (secret: string): string | undefined => {
  const bytes = decode(secret, 'whsk_');
  return bytes && `whpk_${bytes.subarray(seedLength).toString('base64')}`;
};

const signatureOf = (secret: string, { id, timestamp, body }: SignedMessage): string => {
  const head = `${id}.${timestamp}.`;
  const key = hmacKey(secret);
  if (key) return `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`;
  const pair = privateKey(secret);
  if (!pair) throw new TypeError('an invalid secret cannot sign');
  return `v1a,${signWith(null, Buffer.concat([Buffer.from(head), body]), pair).toString('base64')}`;
};

/**
 * Value of `webhook-signature` by Standard Webhooks 1.0: one signature per valid secret.
 * @param secrets 1 to 5, newest first
 */
export const sign = (message: SignedMessage, secrets: readonly string[]): string => {
  if (secrets.length === 0 || secrets.length > maxSecrets)
    throw new TypeError(`a message is signed with 1 to ${maxSecrets} secrets`);
  if (message.id.includes('.')) throw new TypeError('the id of a signed message holds no "."');
  if (!Number.isSafeInteger(message.timestamp)) throw new TypeError('a timestamp is whole seconds');
  return secrets.map((secret) => signatureOf(secret, message)).join(' ');
};
