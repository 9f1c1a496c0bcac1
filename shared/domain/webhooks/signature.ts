import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign as signWith,
} from 'node:crypto';

/** What is signed. `timestamp` is in seconds since 1970, of the attempt; the body is signed byte for byte. */
export interface SignedMessage {
  id: string;
  timestamp: number;
  body: Uint8Array;
}

/** Signatures a receiver is sent at most. */
export const maxSecrets = 5;
const shortestSecret = 24;
const longestSecret = 64;
const seedLength = 32;

const standardBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const decode = (text: string, prefix: string): Buffer | undefined => {
  const encoded = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !standardBase64.test(encoded)) return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  // Bits beyond the last byte must be zero: one key has one spelling.
  return bytes.toString('base64') === encoded ? bytes : undefined;
};

/** A key object signs several times faster than its bytes. */
const hmacKey = (secret: string): KeyObject | undefined => {
  const bytes = decode(secret, 'whsec_');
  return bytes && bytes.length >= shortestSecret && bytes.length <= longestSecret
    ? createSecretKey(bytes)
    : undefined;
};

/** An Ed25519 key is its seed followed by its public key. */
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

/** `whsec_` and standard base64 of 24 to 64 bytes, or `whsk_` and that of an Ed25519 key pair. */
export const isSecret = (text: string): boolean =>
  hmacKey(text) !== undefined || privateKey(text) !== undefined;

/** @param bytes 24 to 64 random ones */
export const formatSecret = (bytes: Uint8Array): string => {
  const secret = `whsec_${Buffer.from(bytes).toString('base64')}`;
  if (!hmacKey(secret)) throw new TypeError('a secret has 24 to 64 bytes');
  return secret;
};

/** What stands before the seed of an Ed25519 key in PKCS #8. */
const seedHeader = Buffer.from('302e020100300506032b657004220420', 'hex');

/** @param seed 32 random bytes */
export const formatKeyPair = (seed: Uint8Array): string => {
  const key = Buffer.concat([seedHeader, seed]);
  const { x = '' } = createPublicKey(
    createPrivateKey({ key, format: 'der', type: 'pkcs8' }),
  ).export({ format: 'jwk' });
  return `whsk_${Buffer.concat([seed, Buffer.from(x, 'base64url')]).toString('base64')}`;
};

/** What receivers verify with; undefined for a secret that both sides share. */
export const publicKeyOf = (secret: string): string | undefined => {
  const bytes = decode(secret, 'whsk_');
  return bytes && `whpk_${bytes.subarray(seedLength).toString('base64')}`;
};

const signatureOf = (secret: string, { id, timestamp, body }: SignedMessage): string => {
  const head = `${id}.${timestamp}.`;
  const key = hmacKey(secret);
  if (key) return `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`;
  const pair = privateKey(secret);
  if (!pair) throw new TypeError('a secret that is none cannot sign');
  return `v1a,${signWith(null, Buffer.concat([Buffer.from(head), body]), pair).toString('base64')}`;
};

/**
 * The value of `webhook-signature` by Standard Webhooks 1.0: one signature per live secret.
 * @param secrets one to five, newest first
 */
export const sign = (message: SignedMessage, secrets: readonly string[]): string => {
  if (secrets.length === 0 || secrets.length > maxSecrets)
    throw new TypeError(`a message is signed with 1 to ${maxSecrets} secrets`);
  if (message.id.includes('.')) throw new TypeError('the id of a signed message holds no "."');
  if (!Number.isSafeInteger(message.timestamp)) throw new TypeError('a timestamp is whole seconds');
  return secrets.map((secret) => signatureOf(secret, message)).join(' ');
};
