import type { ApiKey, Permission, Project } from '../../domain/project.ts';
import { apiKeyKey, quotaKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import { update } from '../steps.ts';
import { listKeys, makeKey, putKey, revokedFrom } from './api-keys.ts';
import { countOne, type Full, recount } from './quota.ts';

/**
 * Every key of the project, revoked ones of the last 90 days too. The listing lags on DynamoDB, so the keys that were
 * counted lately are read as well, each by its own key.
 */
const keysNow = async (
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
 * Makes an API key for a project that has room for one more: of several made at once, no more than the limit. The caller
 * shows the key once.
 */
export const createProjectKey = async (
  platform: Platform,
  project: Project,
  about: { name: string; permissions: readonly Permission[] },
): Promise<{ outcome: 'created'; key: string; record: ApiKey } | Full> => {
  const made = makeKey(platform, project, about);
  const { id } = made.record;
  const idsNow = async (counted: readonly string[]) =>
    (await keysNow(platform, project.id, counted)).map((key) => key.id);
  for (;;) {
    const counted = await countOne(platform, project.id, 'keys', id, idsNow);
    if ('outcome' in counted) return counted;
    const { committed } = await commit(platform, [putKey(made.record), counted]);
    if (committed) return { outcome: 'created', ...made };
  }
};

const grantsAdmin = ({ permissions, revokedAt }: ApiKey): boolean =>
  permissions.includes('admin') && revokedAt === undefined;

/**
 * Revokes a key of the project. The last one with the admin permission stays, or no key could be made over HTTP any
 * more; of several revoked at once, one is the last.
 */
export const revokeProjectKey = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  id: string,
): Promise<'revoked' | 'not_found' | 'last_admin'> => {
  for (;;) {
    const quota = await platform.store.get(quotaKey(project, 'keys'));
    const keys = await keysNow(platform, project, [...(quota?.open ?? []), id]);
    const record = keys.find((key) => key.id === id);
    if (!record) return 'not_found';
    if (record.revokedAt !== undefined) return 'revoked';
    const others = keys.filter((key) => key !== record);
    if (grantsAdmin(record) && !others.some(grantsAdmin)) return 'last_admin';
    const { committed } = await commit(platform, [
      update(apiKeyKey(id), revokedFrom(platform.clock.now()), itemExists),
      recount(project, 'keys', quota),
    ]);
    if (committed) return 'revoked';
  }
};
