import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit, failedConditions } from '../commit.ts';
import { holdsLease } from '../conditions.ts';
import { fence, type Lease, LeaseLost } from './lease.ts';

/**
 * Commits the writes of each turn of a batch in one transaction under the lease. Turns whose writes are refused are left out: they
 * ended meanwhile.
 * @throws LeaseLost
 */
export const commitBatch = async (
  platform: Platform,
  lease: Lease,
  batch: readonly (readonly Step[])[],
): Promise<void> => {
  for (let left = batch; left.length > 0; ) {
    const result = await commit(platform, [fence(lease), ...left.flat()]);
    if (result.committed) return;
    if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
    const owners = left.flatMap((steps) => steps.map(() => steps));
    const ended = new Set(result.refusals.map(({ step }) => owners[step - 1]));
    left = left.filter((steps) => !ended.has(steps));
  }
};
