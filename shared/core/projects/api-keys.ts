import { formatKey, hashOfKey, idOfKey, isKeyOf, keyListing } from '../../domain/api-key.ts';
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

/** How long a revoked key may still be accepted, and a new one still be refused by who asked for it too early. */
const positiveTtlMs = 30_000;
const negativeTtlMs = 1_000;
const cachedKeys = 1_000;
/** Days that a revoked key is still listed. */
const listedDays = 90;

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

/** A new key that nobody has seen; the caller stores its record and shows the key once. */
export const makeKey = (
  { ids, clock }: Pick<Platform, 'ids' | 'clock'>,
  project: Project,
  about: { name: string; permissions: readonly Permission[] },
): { key: string; record: ApiKey } => {
  const id = ids.secret(8);
  const key = formatKey(id, ids.secret(32));
  return { key, record: recordOfKey(key, id, project, { ...about, createdAt: clock.now() }) };
};

export const createKey = async (
  platform: KeyDeps,
  project: Project,
  about: { name: string; permissions: readonly Permission[] },
): Promise<{ key: string; record: ApiKey }> => {
  const made = makeKey(platform, project, about);
  await commit(platform, [putKey(made.record)]);
  return made;
};

/** Every key a project ever had, revoked ones too, oldest first. */
export const listKeys = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
): Promise<ApiKey[]> => {
  const { listPk: pk } = keyListing(project, '', 0);
  const keys = await everyPage((from) => store.list({ kind: 'KEY', pk, prefix: '', ...from }));
  return keys.map(({ item }) => item);
};

/** Attributes of a key that was revoked `now`. */
export const revokedFrom = (now: number) => ({ revokedAt: now, ...retention(listedDays, now) });

/** Takes effect everywhere within 30 seconds; the key stays listed for 90 days. False when there is no such key. */
export const revokeKey = async (deps: KeyDeps, id: string): Promise<boolean> => {
  const revoked = revokedFrom(deps.clock.now());
  return (await commit(deps, [update(apiKeyKey(id), revoked, itemExists)])).committed;
};

/**
 * Finds whom a key speaks for; undefined for one that is unknown or revoked.
 * @param beforeLookUp called for every key that was never right before, whether or not the store has to be asked; what
 *   it throws ends the search
 */
export type Authenticate = (
  key: string,
  beforeLookUp?: () => void,
) => Promise<Principal | undefined>;

const lookUp = async (
  { store }: Pick<Platform, 'store'>,
  key: string,
): Promise<Principal | undefined> => {
  const id = idOfKey(key);
  const record = id === undefined ? undefined : await store.get(apiKeyKey(id));
  if (!record || record.revokedAt !== undefined || !isKeyOf(key, record)) return undefined;
  const { organization, project, permissions } = record;
  return { key: record.id, organization, project, permissions };
};

type Cached = { principal: Principal | undefined; until: number };

const remember = (cache: Map<string, Cached>, hash: string, entry: Cached): void => {
  cache.delete(hash);
  cache.set(hash, entry);
  const [oldest] = cache.keys();
  if (cache.size > cachedKeys && oldest !== undefined) cache.delete(oldest);
};

/** Keeps the two kinds of answer apart, so that a flood of wrong keys does not push out the right ones. */
export const createAuthenticator = (platform: Pick<Platform, 'store' | 'clock'>): Authenticate => {
  const validKeys = new Map<string, Cached>();
  const invalidKeys = new Map<string, Cached>();
  return async (key, beforeLookUp) => {
    const hash = hashOfKey(key);
    const askedAt = platform.clock.now();
    const right = validKeys.get(hash);
    if (!right) beforeLookUp?.();
    const cached = right ?? invalidKeys.get(hash);
    if (cached && cached.until > askedAt) return cached.principal;
    const principal = await lookUp(platform, key);
    validKeys.delete(hash);
    if (principal) remember(validKeys, hash, { principal, until: askedAt + positiveTtlMs });
    else remember(invalidKeys, hash, { principal, until: askedAt + negativeTtlMs });
    return principal;
  };
};
