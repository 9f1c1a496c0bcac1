import type { ApiKey, Permission, Project } from '../../domain/project.ts';
import { apiKeyKey, quotaKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import { check, update } from '../steps.ts';
import { listKeys, makeKey, putKey, revocation } from './api-keys.ts';
import { bumpQuotaVersion, countOne, type QuotaExceeded } from './quota.ts';

/**
 * Reads every key of the project, revoked ones of the last 90 days too. The listing lags behind on DynamoDB, so the keys that
 * the quota counted are read by their ids as well.
 */
const readAllKeys = async (
  { store }: Pick<Platform, 'store'>,
  project: string,
  counted: readonly string[],
): Promise<ApiKey[]> => {
  const listed = (await listKeys({ store }, project)).map(({ id }) => id);
  const ids = [...new Set([...counted, ...listed])];
  const records = await store.getMany(ids.map(apiKeyKey));
  return records.flatMap((record) => (record?.project === project ? [record] : []));
};

/** The key exists and was not revoked. */
const keyIsValid: Condition = {
  name: 'keyIsValid',
  test: { all: [{ is: 'present' }, { attribute: 'revokedAt', is: 'missing' }] },
};

/** The key of the caller was revoked, although this process or another may still accept it for some seconds. */
interface CallerRevoked {
  outcome: 'caller_revoked';
}

/**
 * Makes and stores an API key of a project, within its quota. Concurrent calls do not exceed the quota: key and count are
 * written in one transaction, conditional on the quota's version, and on the caller's key: once that one is revoked it makes
 * no others. The caller shows the key once.
 */
export const createProjectKey = async (
  platform: Platform,
  project: Project,
  caller: string,
  about: { name: string; permissions: readonly Permission[] },
): Promise<{ outcome: 'created'; key: string; record: ApiKey } | QuotaExceeded | CallerRevoked> => {
  const made = makeKey(platform, project, about);
  const { id } = made.record;
  const allIds = async (counted: readonly string[]) =>
    (await readAllKeys(platform, project.id, counted)).map((key) => key.id);
  for (;;) {
    const counted = await countOne(platform, project.id, 'keys', id, allIds);
    if ('outcome' in counted) return counted;
    const result = await commit(platform, [
      putKey(made.record),
      counted,
      check(apiKeyKey(caller), keyIsValid),
    ]);
    if (result.committed) return { outcome: 'created', ...made };
    if (failedConditions(result).includes(keyIsValid.name)) return { outcome: 'caller_revoked' };
  }
};

const grantsAdmin = ({ permissions, revokedAt }: ApiKey): boolean =>
  permissions.includes('admin') && revokedAt === undefined;

/** Outcome of a revocation that needs no write, or is refused. */
const withoutWrite = (
  keys: readonly ApiKey[],
  id: string,
): 'not_found' | 'revoked' | 'last_admin' | undefined => {
  const record = keys.find((key) => key.id === id);
  if (!record) return 'not_found';
  if (record.revokedAt !== undefined) return 'revoked';
  const others = keys.filter((key) => key !== record);
  return grantsAdmin(record) && !others.some(grantsAdmin) ? 'last_admin' : undefined;
};

/**
 * Revokes a key of the project. The last key with the admin permission is kept, because without it no key could be made over
 * HTTP any more. Concurrent calls cannot revoke the last two: each writes the quota's version. A key that is revoked itself
 * revokes no others. Safe to repeat.
 */
export const revokeProjectKey = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  caller: string,
  id: string,
): Promise<'revoked' | 'not_found' | 'last_admin' | 'caller_revoked'> => {
  for (;;) {
    const quota = await platform.store.get(quotaKey(project, 'keys'));
    const keys = await readAllKeys(platform, project, [...(quota?.open ?? []), id]);
    const outcome = withoutWrite(keys, id);
    if (outcome) return outcome;
    const result = await commit(platform, [
      update(apiKeyKey(id), revocation(platform.clock.now()), itemExists),
      bumpQuotaVersion(project, 'keys', quota),
      // A key that revokes itself was read as valid, at the quota's version.
      ...(caller === id ? [] : [check(apiKeyKey(caller), keyIsValid)]),
    ]);
    if (result.committed) return 'revoked';
    if (failedConditions(result).includes(keyIsValid.name)) return 'caller_revoked';
  }
};
