import type { Quota, QuotaKind } from '../../domain/table/items.ts';
import { quotaKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { put } from '../steps.ts';

/** A project, or for cutoffs one entity of it, has as many of them as it may. */
export interface Full {
  outcome: 'full';
  of: QuotaKind | 'cutoffs';
  limit: number;
}

/** Nothing of that kind was begun since the quota was read (version 0: nothing ever was). */
const quotaIsAt = (version: number): Condition => ({
  name: 'quotaIsAt',
  test: version === 0 ? { is: 'absent' } : { attribute: 'version', equals: version },
});

/**
 * The step that counts one more against a project's quota, to be written in the transaction that makes it, or that there
 * is no room. Its condition lets one of several that are made at once through; the others read again, so that no number
 * of requests at once exceeds the limit. What has ended is left out when the next one is counted: ending costs nothing.
 *
 * @param stillOpen of the names counted before, or of all there are, those that are not over
 */
export const countOne = async (
  { store, policy }: Pick<Platform, 'store' | 'policy'>,
  project: string,
  of: QuotaKind,
  name: string,
  stillOpen: (names: readonly string[]) => Promise<readonly string[]>,
): Promise<Step | Full> => {
  const key = quotaKey(project, of);
  const { version = 0, open: known = [] } = (await store.get(key)) ?? {};
  const open = await stillOpen(known);
  const limit = policy.quotas[of];
  if (open.length >= limit) return { outcome: 'full', of, limit };
  return put(key, { version: version + 1, open: [...open, name] }, quotaIsAt(version));
};

/**
 * The step that counts nothing, and fails where something was counted since `quota` was read: what was concluded from
 * all that counts then has to be concluded again.
 */
export const recount = (project: string, of: QuotaKind, quota: Quota | undefined): Step => {
  const { version = 0, open = [] } = quota ?? {};
  return put(quotaKey(project, of), { version: version + 1, open }, quotaIsAt(version));
};
