import { sha256 } from './sha256.ts';

/** SHA-256 in base64url. */
export const digestOf = (text: string): string => sha256(text, 'base64url');

/** JSON with sorted keys: equal for two values that differ only in the order of keys. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

/** SHA-256 in hexadecimal, which is a file name on every system. */
export const bytesDigest = (bytes: Uint8Array): string => sha256(bytes, 'hex');
