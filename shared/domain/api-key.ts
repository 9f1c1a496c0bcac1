import { hash, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from './project.ts';

const generatedPattern = /^ts_([0-9a-f]{16})_[0-9a-f]{64}$/;
const presetPattern = /^[!-~]{16,256}$/;

const sha256 = (text: string): string => hash('sha256', text, 'hex');

/** What is kept of a key, and what it is looked up in caches by. */
export const hashOfKey = (key: string): string => sha256(key);

export const formatKey = (id: string, secret: string): string => `ts_${id}_${secret}`;

/**
 * The id a key is kept under: its own middle part, or, of a key the operator chose, a digest.
 * Undefined for a text that can be no key.
 */
export const idOfKey = (key: string): string | undefined => {
  const own = generatedPattern.exec(key)?.[1];
  if (own !== undefined) return own;
  return presetPattern.test(key) ? sha256(`id of ${key}`).slice(0, 16) : undefined;
};

/** Takes the same time wherever the two differ. */
export const isKeyOf = (key: string, record: Pick<ApiKey, 'hash'>): boolean => {
  const given = Buffer.from(hashOfKey(key), 'hex');
  const kept = Buffer.from(record.hash, 'hex');
  return given.length === kept.length && timingSafeEqual(given, kept);
};

/** Where the keys of a project are listed, oldest first. */
export const keyListing = (project: string, id: string, createdAt: number) => ({
  listPk: `P#${project}#KEYS`,
  listSk: `${String(createdAt).padStart(15, '0')}#${id}`,
});
