import { timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './project.ts';
import { sha256 } from './sha256.ts';

const generatedPattern = /^ts_([0-9a-f]{16})_[0-9a-f]{64}$/;
const presetPattern = /^[!-~]{16,256}$/;

/** Stored instead of the key, and the key's name in caches. */
export const hashOfKey = (key: string): string => sha256(key, 'hex');

export const formatKey = (id: string, secret: string): string => `ts_${id}_${secret}`;

/**
 * Returns the id under which a key is stored: the middle part of a generated key, or a digest of a preset one.
 * Undefined for a text that cannot be a key.
 */
export const idOfKey = (key: string): string | undefined => {
  const own = generatedPattern.exec(key)?.[1];
  if (own !== undefined) return own;
  return presetPattern.test(key) ? sha256(`id of ${key}`, 'hex').slice(0, 16) : undefined;
};

/** Compares a key with a record in constant time. */
export const matchesKey = (key: string, record: Pick<ApiKey, 'hash'>): boolean => {
  const given = Buffer.from(hashOfKey(key), 'hex');
  const stored = Buffer.from(record.hash, 'hex');
  return given.length === stored.length && timingSafeEqual(given, stored);
};

/** Listing attributes of the keys of a project, which sort oldest first. */
export const keyListing = (project: string, id: string, createdAt: number) => ({
  listPk: `P#${project}#KEYS`,
  listSk: `${String(createdAt).padStart(15, '0')}#${id}`,
});
