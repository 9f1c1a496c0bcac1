import { createPineconeVectorIndex } from '../../shared/adapters/pinecone/vector-index.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { startPineconeServer } from '../support/pinecone-server/server.ts';
import { describeVectorIndex } from './vector-index.contract.ts';

const harness = async (buckets: number, missingDiffers: boolean) => {
  const dimension = 5;
  const server = await startPineconeServer({
    apiKey: 'key',
    dimension,
    missingDiffers,
    lagMs: 3_600_000,
  });
  const index = createPineconeVectorIndex({
    apiKey: 'key',
    host: server.url,
    buckets,
    dimension,
    clock: systemClock,
  });
  return { index, dimension, settle: async () => server.settle(), dispose: server.close };
};

describeVectorIndex('Pinecone, every write seen late', () => harness(8, true));
describeVectorIndex('Pinecone, all in one bucket', () => harness(1, false));
