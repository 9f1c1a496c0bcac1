import { sha256 as digestOf } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { Buffer } from 'buffer/index.js';

// Replaces shared/domain/sha256.ts in browsers, which have no Node.js.

const bytesOf = (data: string | Uint8Array): Uint8Array =>
  digestOf(typeof data === 'string' ? utf8ToBytes(data) : data);

const toBase64Url = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replaceAll('+', '-').replaceAll('/', '_').replace('=', '');

/** SHA-256 of bytes, or of a text in UTF-8. */
export const sha256 = (data: string | Uint8Array, encoding: 'hex' | 'base64url'): string =>
  encoding === 'hex' ? bytesToHex(bytesOf(data)) : toBase64Url(bytesOf(data));

/** First 16 bits of the SHA-256 of a text. */
export const sha256Start = (text: string): number => {
  const [high = 0, low = 0] = bytesOf(text);
  return high * 256 + low;
};
