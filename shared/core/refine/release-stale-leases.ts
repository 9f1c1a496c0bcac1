import type { Item, Key } from '../../domain/table/items.ts';
import { scopeLeaseKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { holdsLease } from '../conditions.ts';
import { update } from '../steps.ts';

/** Turns looked at; the leases of scopes beyond run out by themselves. */
const max = 10_000;

const isPending = (key: Key): key is Key<'PEND'> => key.kind === 'PEND';

/**
 * Gives back the scopes that a process which is gone had claimed, so that nobody waits for its leases to run out. Only
 * for one who knows that nobody else refines. A backoff stays.
 */
export const releaseStaleLeases = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
): Promise<void> => {
  const { store, clock } = platform;
  const due = await store.due({ until: clock.now(), limit: max });
  const pending = await store.getMany(due.map(({ key }) => key).filter(isPending));
  const scopes = new Map(
    pending.flatMap((item) => {
      const key = item && scopeLeaseKey(item.project, item.scope);
      return key ? [[key.pk, key]] : [];
    }),
  );
  const keys = [...scopes.values()];
  const heads: (Item<'LEASE'> | undefined)[] = await store.getMany(keys);
  for (const [index, key] of keys.entries()) {
    const head = heads[index];
    if (!head || head.leaseUntil <= clock.now()) continue;
    const free = { token: '', leaseUntil: 0 };
    await commit(platform, [update(key, free, holdsLease(head.token))]);
  }
};
