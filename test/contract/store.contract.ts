import { afterAll, beforeAll, describe } from 'vitest';
import { describeConcurrency } from './store-concurrency.contract.ts';
import { describeConditions } from './store-conditions.contract.ts';
import { describeCursors } from './store-cursors.contract.ts';
import type { StoreHarness } from './store-harness.ts';
import { describeListing } from './store-listing.contract.ts';
import { describeRanges } from './store-ranges.contract.ts';
import { describeReads } from './store-reads.contract.ts';
import { describeDueWork, describeExpiry } from './store-time.contract.ts';
import { describeTransactions } from './store-transactions.contract.ts';

/**
 * Contract of every store, through the port alone.
 * @param isReached whether clients reach the store, and so may send it cursors of their own
 */
export const describeStore = (
  name: string,
  create: () => Promise<StoreHarness>,
  isReached = true,
): void => {
  describe(`the store on ${name}`, () => {
    let harness: StoreHarness | undefined;
    const opened = (): StoreHarness => {
      if (!harness) throw new Error('the store is opened before its tests run');
      return harness;
    };
    beforeAll(async () => {
      harness = await create();
    });
    afterAll(async () => {
      await harness?.dispose();
    });

    describeReads(opened);
    describeTransactions(opened);
    describeConditions(opened);
    describeConcurrency(opened);
    describeRanges(opened);
    describeListing(opened);
    if (isReached) describeCursors(opened);
    describeDueWork(opened);
    describeExpiry(opened);
  });
};
