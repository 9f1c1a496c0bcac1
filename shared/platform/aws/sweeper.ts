import { embedderName } from '../../adapters/openai/embedder-name.ts';
import { layoutOf } from '../../adapters/pinecone/namespace.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Config } from '../config/config.ts';
import { createAwsCore } from './core.ts';

/** @throws TerminalError missing_setting */
export const createSweeperPlatform = (config: Config): CorePlatform => createAwsCore(config);

/** Returns the embedder and the index layout that the other functions use with the same settings. */
export const indexConfigOf = (config: Config): { embedder: string; layout: string } => ({
  embedder: embedderName(config.embeddingModel, config.pineconeDimension),
  layout: layoutOf(config.pineconeBuckets),
});
