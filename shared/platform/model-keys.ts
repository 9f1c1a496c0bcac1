import { createModelKeys, type ModelKeys } from '../adapters/secrets-manager/model-keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Config } from './config/config.ts';

/** The keys as set, else as the secret has them, when there is one. */
export const modelKeysOf = (config: Config, clock: Clock): ModelKeys => {
  const { openaiApiKey, pineconeApiKey, secret: secretId } = config;
  const secret = secretId === undefined ? undefined : createModelKeys({ secretId, clock });
  return {
    openai: async () => openaiApiKey ?? secret?.openai(),
    pinecone: async () => pineconeApiKey ?? secret?.pinecone(),
  };
};
