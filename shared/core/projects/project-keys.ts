import type { ApiKey, Permission, Project } from '../../domain/project.ts';
import { apiKeyKey, quotaKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import { update } from '../steps.ts';
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

/**
 * Makes and stores an API key of a project, within its quota. Concurrent calls do not exceed the quota: key and count are
 * written in one transaction, conditional on the quota's version. The caller shows the key once.
 */
export const createProjectKey = async (
  platform: Platform,
  project: Project,
  about: { name: string; permissions: readonly Permission[] },
): Promise<{ outcome: 'created'; key: string; record: ApiKey } | QuotaExceeded> => {
  const made = makeKey(platform, project, about);
  const { id } = made.record;
  const allIds = async (counted: readonly string[]) =>
    (await readAllKeys(platform, project.id, counted)).map((key) => key.id);
  for (;;) {
    const counted = await countOne(platform, project.id, 'keys', id, allIds);
    if ('outcome' in counted) return counted;
    const { committed } = await commit(platform, [putKey(made.record), counted]);
    if (committed) return { outcome: 'created', ...made };
  }
};

const grantsAdmin = ({ permissions, revokedAt }: ApiKey): boolean =>
  permissions.includes('admin') && revokedAt === undefined;

/**
 * Revokes a key of the project. The last key with the admin permission is kept, because without it no key could be made over
 * HTTP any more. Concurrent calls cannot revoke the last two: each writes the quota's version. Safe to repeat.
 */
export const revokeProjectKey = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  id: string,
): Promise<'revoked' | 'not_found' | 'last_admin'> => {
  for (;;) {
    const quota = await platform.store.get(quotaKey(project, 'keys'));
    const keys = await readAllKeys(platform, project, [...(quota?.open ?? []), id]);
    const record = keys.find((key) => key.id === id);
    if (!record) return 'not_found';
    if (record.revokedAt !== undefined) return 'revoked';
    const others = keys.filter((key) => key !== record);
    if (grantsAdmin(record) && !others.some(grantsAdmin)) return 'last_admin';
    const { committed } = await commit(platform, [
      update(apiKeyKey(id), revocation(platform.clock.now()), itemExists),
      bumpQuotaVersion(project, 'keys', quota),
    ]);
    if (committed) return 'revoked';
  }
};
