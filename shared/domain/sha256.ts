import { hash } from 'node:crypto';

// All hashes of domain and core come from here. In the console's simulation, which runs in browsers, this module is replaced by one
// without Node.js: functions/console/proof/sha256.ts.

/** SHA-256 of bytes, or of a text in UTF-8. */
export const sha256 = (data: string | Uint8Array, encoding: 'hex' | 'base64url'): string =>
  hash('sha256', data, encoding);

/** First 16 bits of the SHA-256 of a text. */
export const sha256Start = (text: string): number => hash('sha256', text, 'buffer').readUInt16BE(0);
