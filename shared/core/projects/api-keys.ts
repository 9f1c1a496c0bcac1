import { formatKey, hashOfKey, idOfKey, keyListing, matchesKey } from '../../domain/api-key.ts';
import type { ApiKey, Permission, Principal, Project } from '../../domain/project.ts';
import { apiKeyKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { put, update } from '../steps.ts';
import { retention } from '../ttl.ts';

type KeyDeps = Pick<Platform, 'store' | 'ids' | 'clock'>;

/** Longest time that a revoked key is still accepted. */
const positiveTtlMs = 30_000;
/** Longest time that a key is still refused which was tried before it was created. */
const negativeTtlMs = 1_000;
/** Bound of each of the two caches, in keys. */
const maxCachedKeys = 1_000;
const revokedListedDays = 90;

export const recordOfKey = (
  key: string,
  id: string,
  project: Project,
  about: { name: string; permissions: readonly Permission[]; createdAt: number },
): ApiKey => ({
  id,
  project: project.id,
  organization: project.organization,
  name: about.name,
  hash: hashOfKey(key),
  prefix: key.slice(0, key.startsWith(`ts_${id}`) ? 11 : 4),
  permissions: [...about.permissions],
  createdAt: about.createdAt,
});

export const putKey = (record: ApiKey): Step =>
  put(apiKeyKey(record.id), {
    ...record,
    ...keyListing(record.project, record.id, record.createdAt),
  });

/** Makes a new random key. The caller stores its record and shows the key once. */
export const makeKey = (
  { ids, clock }: Pick<Platform, 'ids' | 'clock'>,
  project: Project,
  about: { name: string; permissions: readonly Permission[] },
): { key: string; record: ApiKey } => {
  const id = ids.secret(8);
  const key = formatKey(id, ids.secret(32));
  return { key, record: recordOfKey(key, id, project, { ...about, createdAt: clock.now() }) };
};

/**
 * Makes and stores a key of a project, without regard to the quota. After a crash before the answer the key is stored, but was
 * never shown, and can be revoked by its id.
 */
export const createKey = async (
  platform: KeyDeps,
  project: Project,
  about: { name: string; permissions: readonly Permission[] },
): Promise<{ key: string; record: ApiKey }> => {
  const made = makeKey(platform, project, about);
  await commit(platform, [putKey(made.record)]);
  return made;
};

/** Lists the keys of a project, oldest first, revoked ones of the last 90 days too. The listing is eventually consistent. */
export const listKeys = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
): Promise<ApiKey[]> => {
  const { listPk: pk } = keyListing(project, '', 0);
  const keys = await everyPage((from) => store.list({ kind: 'KEY', pk, prefix: '', ...from }));
  return keys.map(({ item }) => item);
};

/** Whether a project has a key that is accepted. Eventually consistent. */
export const hasKey = async (
  platform: Pick<Platform, 'store'>,
  project: string,
): Promise<boolean> =>
  (await listKeys(platform, project)).some(({ revokedAt }) => revokedAt === undefined);

/** Attributes of a key that is revoked at `now`. */
export const revocation = (now: number) => ({
  revokedAt: now,
  ...retention(revokedListedDays, now),
});

/**
 * Revokes a key. The revocation takes effect in every process within 30 seconds. The key stays listed for 90 days. False when
 * the key does not exist. Safe to repeat.
 */
export const revokeKey = async (deps: KeyDeps, id: string): Promise<boolean> => {
  const revoked = revocation(deps.clock.now());
  return (await commit(deps, [update(apiKeyKey(id), revoked, itemExists)])).committed;
};

/** Whether a key was revoked, strongly consistent. */
export const isRevoked = async ({ store }: Pick<Platform, 'store'>, id: string): Promise<boolean> =>
  (await store.get(apiKeyKey(id)))?.revokedAt !== undefined;

export interface Authenticate {
  /**
   * Returns the principal of a key; undefined for a key that is unknown or revoked.
   * @param beforeLookUp called for every key that is not known to be valid, even when the answer is cached; an exception
   *   of this function ends the call
   */
  (key: string, beforeLookUp?: () => void): Promise<Principal | undefined>;
  /** Forgets the key of an id, which this process revoked: the key is refused from now on. */
  forget(id: string): void;
}

const lookUp = async (
  { store }: Pick<Platform, 'store'>,
  key: string,
): Promise<Principal | undefined> => {
  const id = idOfKey(key);
  const record = id === undefined ? undefined : await store.get(apiKeyKey(id));
  if (!record || record.revokedAt !== undefined || !matchesKey(key, record)) return undefined;
  const { organization, project, permissions } = record;
  return { key: record.id, organization, project, permissions };
};

type Cached = { principal: Principal | undefined; until: number };

const remember = (cache: Map<string, Cached>, hash: string, entry: Cached): void => {
  cache.delete(hash);
  cache.set(hash, entry);
  const [oldest] = cache.keys();
  if (cache.size > maxCachedKeys && oldest !== undefined) cache.delete(oldest);
};

/**
 * Creates an authenticator with caches of its own, one per process. Valid and invalid keys have separate caches, so that a
 * flood of wrong keys does not evict valid ones.
 */
export const createAuthenticator = (platform: Pick<Platform, 'store' | 'clock'>): Authenticate => {
  const validKeys = new Map<string, Cached>();
  const invalidKeys = new Map<string, Cached>();
  let forgotten = 0;
  const authenticate = async (
    key: string,
    beforeLookUp?: () => void,
  ): Promise<Principal | undefined> => {
    const hash = hashOfKey(key);
    const askedAt = platform.clock.now();
    const valid = validKeys.get(hash);
    if (!valid) beforeLookUp?.();
    const cached = valid ?? invalidKeys.get(hash);
    if (cached && cached.until > askedAt) return cached.principal;
    const before = forgotten;
    const principal = await lookUp(platform, key);
    validKeys.delete(hash);
    if (principal) {
      // A key that was revoked during the look-up may have been read before.
      if (forgotten === before)
        remember(validKeys, hash, { principal, until: askedAt + positiveTtlMs });
    } else remember(invalidKeys, hash, { principal, until: askedAt + negativeTtlMs });
    return principal;
  };
  return Object.assign(authenticate, {
    forget(id: string): void {
      forgotten += 1;
      for (const [hash, { principal }] of validKeys)
        if (principal?.key === id) validKeys.delete(hash);
    },
  });
};
