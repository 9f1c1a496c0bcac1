import { createModelKeys, type ModelKeys } from '../adapters/secrets-manager/model-keys.ts';
import type { Clock } from '../ports/clock.ts';
import type { Config } from './config/config.ts';

/**
 * Reads each key from the settings, or from the Secrets Manager secret if the settings lack the key and name a secret.
 * A file of its own keeps the secrets client out of the bundles of dispatcher and sweeper.
 */
export const modelKeysOf = (config: Config, clock: Clock): ModelKeys => {
  const { openaiApiKey, pineconeApiKey, secret: secretId } = config;
  const secret = secretId === undefined ? undefined : createModelKeys({ secretId, clock });
  return {
    openai: async () => openaiApiKey ?? secret?.openai(),
    pinecone: async () => pineconeApiKey ?? secret?.pinecone(),
  };
};
