import { createGuardedEmbedder } from '../../adapters/guarded-embedder/guarded-embedder.ts';
import { createOpenAiEmbedder } from '../../adapters/openai/embedder.ts';
import { createPineconeVectorIndex } from '../../adapters/pinecone/vector-index.ts';
import type { ModelKeys } from '../../adapters/secrets-manager/model-keys.ts';
import { createWatchedIndex } from '../../adapters/watched-index/watched-index.ts';
import type { CorePlatform, Platform } from '../../ports/platform.ts';
import type { VectorIndex } from '../../ports/vector-index.ts';
import { type Config, rejectEmbedded, withSettings } from '../config/config.ts';
import { createLazyS3VectorIndex } from '../s3-vectors.ts';

const pineconeOf = (
  config: Config,
  keys: ModelKeys,
  { clock, telemetry }: Pick<CorePlatform, 'clock' | 'telemetry'>,
): VectorIndex => {
  const { pineconeHost: host } = withSettings(config, 'Pinecone', ['pineconeHost']);
  const { pineconeDimension: dimension, pineconeBuckets: buckets } = config;
  return createPineconeVectorIndex({
    apiKey: keys.pinecone,
    clock,
    telemetry,
    host,
    dimension,
    buckets,
  });
};

/**
 * Builds the vector index and the embedder. The SDKs of the services are loaded on first use, which keeps cold
 * starts short.
 * @throws TerminalError missing_setting, bad_setting
 */
export const createRetrievalParts = (
  config: Config,
  keys: ModelKeys,
  core: Pick<CorePlatform, 'store' | 'clock' | 'telemetry'>,
): Pick<Platform, 'vectorIndex' | 'embedder'> => {
  const { clock, telemetry } = core;
  rejectEmbedded(config);
  const index =
    config.indexKind === 's3vectors'
      ? createLazyS3VectorIndex(config, core.store)
      : pineconeOf(config, keys, core);
  return {
    vectorIndex: createWatchedIndex(index, clock),
    embedder: createGuardedEmbedder(
      createOpenAiEmbedder({
        apiKey: keys.openai,
        baseUrl: config.openaiBaseUrl,
        model: config.embeddingModel,
        dimensions: config.pineconeDimension,
        telemetry,
      }),
      clock,
    ),
  };
};
