import { embedderName } from '../../adapters/openai/embedder-name.ts';
import { layoutOf } from '../../adapters/pinecone/namespace.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { createAwsCore } from './foundation.ts';

/** @throws TerminalError missing_setting */
export const createSweeperPlatform = (config: Config): CorePlatform => createAwsCore(config);

/** What the other functions make entries of the index with, by the same settings. */
export const indexedBy = (config: Config): { embedder: string; layout: string } => ({
  embedder: embedderName(config.embeddingModel, config.pineconeDimension),
  layout: layoutOf(config.pineconeBuckets),
});
