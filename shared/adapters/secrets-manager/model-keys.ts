import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** API keys of the model providers and the vector index; undefined while the secret does not hold the key. */
export interface ModelKeys {
  openai(): Promise<string | undefined>;
  pinecone(): Promise<string | undefined>;
}

/** Cache lifetime of a complete secret. */
const positiveTtlMs = 300_000;
/** Cache lifetime of a secret that lacks a key, which an operator may add at any time, and after a failed read. */
const negativeTtlMs = 15_000;

const placeholder = /^(|<.*>|replace[-_ ]?me|change[-_ ]?me)$/i;

const Key = z
  .string()
  .trim()
  .transform((text) => (placeholder.test(text) ? undefined : text))
  .nullish()
  .transform((text) => text ?? undefined);

const Secret = z.object({ openai_api_key: Key, pinecone_api_key: Key });
type Secret = z.output<typeof Secret>;

const malformed = (): RetryableError =>
  new RetryableError(
    'secret_malformed',
    'The secret must be a JSON object with openai_api_key and pinecone_api_key.',
  );

const parseSecret = (text: string): Secret => {
  try {
    return Secret.parse(JSON.parse(text));
  } catch {
    // The cause is left out, since its message may quote the secret.
    throw malformed();
  }
};

/**
 * Creates the access to one JSON secret of Secrets Manager, `{"openai_api_key", "pinecone_api_key"}`. The secret is
 * read on first use and then every five minutes, or every 15 seconds while a key is missing, empty or a placeholder.
 * Concurrent calls share one read. If a read fails, the last known keys stay in use.
 *
 * @throws RetryableError (`secret_...`): the secret was never read
 */
export const createModelKeys = ({
  secretId,
  clock,
  client: config = {},
}: {
  secretId: string;
  clock: Pick<Clock, 'now'>;
  client?: SecretsManagerClientConfig;
}): ModelKeys => {
  let cached: { secret: Secret; until: number } | undefined;
  let refreshing: Promise<Secret> | undefined;

  const connect = async () => {
    const sdk = await import('@aws-sdk/client-secrets-manager');
    const client = new sdk.SecretsManagerClient({
      maxAttempts: 2,
      requestHandler: {
        connectionTimeout: 1_000,
        requestTimeout: 3_000,
        throwOnRequestTimeout: true,
      },
      ...config,
    });
    return () => client.send(new sdk.GetSecretValueCommand({ SecretId: secretId }));
  };
  let connected: ReturnType<typeof connect> | undefined;

  const fetchSecret = async (): Promise<Secret> => {
    connected ??= connect();
    const getSecretValue = await connected;
    try {
      const { SecretString } = await getSecretValue();
      return parseSecret(SecretString ?? '');
    } catch (error) {
      if (error instanceof RetryableError) throw error;
      const name = error instanceof Error ? error.name : 'unknown';
      throw new RetryableError('secret_unavailable', `The secret cannot be read (${name}).`);
    }
  };

  const refresh = async (): Promise<Secret> => {
    const requestedAt = clock.now();
    try {
      const secret = await fetchSecret();
      const isComplete = secret.openai_api_key && secret.pinecone_api_key;
      cached = { secret, until: requestedAt + (isComplete ? positiveTtlMs : negativeTtlMs) };
      return secret;
    } catch (error) {
      if (!cached) throw error;
      cached.until = requestedAt + negativeTtlMs;
      return cached.secret;
    } finally {
      refreshing = undefined;
    }
  };

  const read = async (): Promise<Secret> => {
    if (cached && cached.until > clock.now()) return cached.secret;
    refreshing ??= refresh();
    return refreshing;
  };

  return {
    openai: async () => (await read()).openai_api_key,
    pinecone: async () => (await read()).pinecone_api_key,
  };
};
