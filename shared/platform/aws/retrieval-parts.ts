import { createGuardedEmbedder } from '../../adapters/guarded-embedder/guarded-embedder.ts';
import { createOpenAiEmbedder } from '../../adapters/openai/embedder.ts';
import { createPineconeVectorIndex } from '../../adapters/pinecone/vector-index.ts';
import type { ModelKeys } from '../../adapters/secrets-manager/model-keys.ts';
import { createWatchedIndex } from '../../adapters/watched-index/watched-index.ts';
import type { CorePlatform, Platform } from '../../ports/platform.ts';
import { type Config, rejectEmbedded, withSettings } from '../config/config.ts';

/**
 * Builds the vector index and the embedder. The SDKs of Pinecone and OpenAI are loaded on first use, which keeps cold
 * starts short.
 * @throws TerminalError missing_setting, bad_setting
 */
export const createRetrievalParts = (
  config: Config,
  keys: ModelKeys,
  { clock, telemetry }: Pick<CorePlatform, 'clock' | 'telemetry'>,
): Pick<Platform, 'vectorIndex' | 'embedder'> => {
  const { pineconeHost: host } = withSettings(config, 'Pinecone', ['pineconeHost']);
  const { pineconeDimension: dimension, pineconeBuckets: buckets } = config;
  rejectEmbedded(config);
  const index = createPineconeVectorIndex({
    apiKey: keys.pinecone,
    clock,
    telemetry,
    host,
    dimension,
    buckets,
  });
  return {
    vectorIndex: createWatchedIndex(index, clock),
    embedder: createGuardedEmbedder(
      createOpenAiEmbedder({
        apiKey: keys.openai,
        baseUrl: config.openaiBaseUrl,
        model: config.embeddingModel,
        dimensions: dimension,
        telemetry,
      }),
      clock,
    ),
  };
};
