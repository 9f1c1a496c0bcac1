import type { SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';

/** The keys of what is called over the network; undefined while nobody has put one into the secret. */
export interface ModelKeys {
  openai(): Promise<string | undefined>;
  pinecone(): Promise<string | undefined>;
}

/** How long a complete secret is trusted, and one that lacks a key: somebody may be about to put it there. */
const trustMs = 300_000;
const doubtMs = 15_000;

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

const parsed = (text: string): Secret => {
  try {
    return Secret.parse(JSON.parse(text));
  } catch {
    // Without its cause, which may quote the secret.
    throw malformed();
  }
};

/**
 * The keys in one JSON secret of Secrets Manager, `{"openai_api_key", "pinecone_api_key"}`, read on first use and then
 * every five minutes; a key that is missing, empty or a placeholder is looked for more often. While the secret cannot
 * be read, what it said last counts.
 * @throws RetryableError (`secret_...`)
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
  let known: { secret: Secret; until: number } | undefined;
  let reading: Promise<Secret> | undefined;

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
    const ask = await connected;
    try {
      const { SecretString } = await ask();
      return parsed(SecretString ?? '');
    } catch (error) {
      if (error instanceof RetryableError) throw error;
      const name = error instanceof Error ? error.name : 'unknown';
      throw new RetryableError('secret_unavailable', `The secret cannot be read (${name}).`);
    }
  };

  const renew = async (): Promise<Secret> => {
    const askedAt = clock.now();
    try {
      const secret = await fetchSecret();
      const isComplete = secret.openai_api_key && secret.pinecone_api_key;
      known = { secret, until: askedAt + (isComplete ? trustMs : doubtMs) };
      return secret;
    } catch (error) {
      if (!known) throw error;
      known.until = askedAt + doubtMs;
      return known.secret;
    } finally {
      reading = undefined;
    }
  };

  const read = async (): Promise<Secret> => {
    if (known && known.until > clock.now()) return known.secret;
    reading ??= renew();
    return reading;
  };

  return {
    openai: async () => (await read()).openai_api_key,
    pinecone: async () => (await read()).pinecone_api_key,
  };
};
