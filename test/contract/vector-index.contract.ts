import { afterAll, beforeAll, describe } from 'vitest';
import { describeClasses } from './vector-index-classes.contract.ts';
import type { VectorIndexHarness } from './vector-index-harness.ts';
import { describeQueries } from './vector-index-queries.contract.ts';
import { describeWrites } from './vector-index-writes.contract.ts';

/** Contract of every vector index, through the port alone. */
export const describeVectorIndex = (
  name: string,
  create: () => Promise<VectorIndexHarness>,
): void => {
  describe(`the vector index on ${name}`, () => {
    let harness: VectorIndexHarness | undefined;
    const opened = (): VectorIndexHarness => {
      if (!harness) throw new Error('the index is opened before its tests run');
      return harness;
    };
    beforeAll(async () => {
      harness = await create();
    });
    afterAll(async () => {
      await harness?.dispose();
    });

    describeWrites(opened);
    describeQueries(opened);
    describeClasses(opened);
  });
};
