import { embedderName } from '../../adapters/openai/embedder-name.ts';
import { layoutOf as pineconeLayoutOf } from '../../adapters/pinecone/namespace.ts';
import { layoutOf as s3VectorsLayoutOf } from '../../adapters/s3vectors/layout.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { vectorLayoutOf } from '../s3-vectors.ts';
import { createAwsCore } from './core.ts';

/** @throws TerminalError missing_setting */
export const createSweeperPlatform = (config: Config): CorePlatform => createAwsCore(config);

/**
 * Returns the embedder and the index layout that the other functions use with the same settings.
 * @throws TerminalError missing_setting, bad_setting
 */
export const indexConfigOf = (config: Config): { embedder: string; layout: string } => ({
  embedder: embedderName(config.embeddingModel, config.pineconeDimension),
  layout:
    config.indexKind === 's3vectors'
      ? s3VectorsLayoutOf(vectorLayoutOf(config))
      : pineconeLayoutOf(config.pineconeBuckets),
});
