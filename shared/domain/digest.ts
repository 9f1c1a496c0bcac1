import { hash } from 'node:crypto';

/** SHA-256, base64url. */
export const digestOf = (text: string): string => hash('sha256', text, 'base64url');

/** JSON that is the same for two values that mean the same, whatever the order of their keys. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, held: unknown) =>
    held && typeof held === 'object' && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
