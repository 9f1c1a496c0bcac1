import type { Quota, QuotaKind } from '../../domain/quota.ts';
import { quotaKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { put } from '../steps.ts';

/** Result of a request that would exceed a limit of its project, or, for cutoffs, of one entity. */
export interface QuotaExceeded {
  outcome: 'full';
  of: QuotaKind | 'cutoffs';
  limit: number;
}

/** The quota is at the version that was read (0: the item did not exist), so nothing was counted in the meantime. */
const quotaIsAt = (version: number): Condition => ({
  name: 'quotaIsAt',
  test: version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version },
});

/**
 * Builds the write that counts one more item against a project's quota, for the transaction that creates the item; or returns
 * that the quota is exhausted. Optimistic concurrency: of several concurrent transactions one commits and the others have to
 * call this again, so concurrent requests never exceed the limit. Finished items are dropped when the next one is
 * counted, so finishing an item costs no write.
 *
 * @param stillOpen returns the names that still count, of those counted before or of all that exist
 */
export const countOne = async (
  { store, policy }: Pick<Platform, 'store' | 'policy'>,
  project: string,
  of: QuotaKind,
  name: string,
  stillOpen: (names: readonly string[]) => Promise<readonly string[]>,
): Promise<Step | QuotaExceeded> => {
  const key = quotaKey(project, of);
  const { version = 0, open: known = [] } = (await store.get(key)) ?? {};
  const open = await stillOpen(known);
  const limit = policy.quotas[of];
  if (open.length >= limit) return { outcome: 'full', of, limit };
  return put(key, { version: version + 1, open: [...open, name] }, quotaIsAt(version));
};

/**
 * Builds a write that counts nothing but raises the version. The transaction fails when an item was counted since `quota` was
 * read; the caller then decides again on the new items.
 */
export const bumpQuotaVersion = (
  project: string,
  of: QuotaKind,
  quota: Quota | undefined,
): Step => {
  const { version = 0, open = [] } = quota ?? {};
  return put(quotaKey(project, of), { version: version + 1, open }, quotaIsAt(version));
};
