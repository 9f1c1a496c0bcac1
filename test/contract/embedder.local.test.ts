import { createLocalEmbedder } from '../../shared/adapters/local-embedder/local-embedder.ts';
import { describeEmbedder } from './embedder.contract.ts';

describeEmbedder('the embedded embedder', async () => {
  const embedder = createLocalEmbedder();
  return { embedder, close: embedder.close };
});
