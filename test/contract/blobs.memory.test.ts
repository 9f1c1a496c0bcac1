import { createMemoryBlobs } from '../../shared/adapters/memory-blobs/memory-blobs.ts';
import { describeBlobs } from './blobs.contract.ts';

describeBlobs('memory', async () => ({ blobs: createMemoryBlobs(), close: async () => {} }), {
  canFail: false,
});
