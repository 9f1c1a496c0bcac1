import { openS3VectorIndex } from '../support/s3-vector-index.ts';
import { describeVectorIndex } from './vector-index.contract.ts';

const harness = async (options: Parameters<typeof openS3VectorIndex>[0]) => {
  const { index, dimension, server, close } = await openS3VectorIndex(options);
  return { index, dimension, settle: async () => server.settle(), dispose: close };
};

describeVectorIndex('S3 Vectors', () => harness({ indexes: 4, pageSize: 7 }));
describeVectorIndex('S3 Vectors, all in one index, every write seen late', () =>
  harness({ indexes: 1, lagMs: 3_600_000 }),
);
