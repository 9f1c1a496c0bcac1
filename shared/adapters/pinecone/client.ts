import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Pinecone } from '@pinecone-database/pinecone';
import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { toIndexError } from './faults.ts';
import type { ResponseMetadata } from './retrying-fetch.ts';

export interface PineconeSettings {
  /** A function is called at every request: the key may change or appear while the process runs. */
  apiKey: string | undefined | (() => Promise<string | undefined>);
  clock: Clock;
  telemetry?: Telemetry | undefined;
  /** Timeout of one attempt of a request. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
  /** Base URL of the control plane; the vendor's by default. */
  controllerUrl?: string | undefined;
}

/** Runs a request. Returns the result with metadata of the response that the SDK hides. */
export type Call = <T>(
  request: (sdk: Pinecone) => Promise<T>,
) => Promise<{ result: T | undefined; response: ResponseMetadata }>;

interface Client {
  key: string;
  sdk: Pinecone;
  responseContext: AsyncLocalStorage<{ last: ResponseMetadata }>;
}

const defaultTimeoutMs = 8_000;

/**
 * Calls the service through the SDK, which the first call imports and constructs. Transient failures are retried (see
 * retrying-fetch.ts), so every request has to be idempotent. `result` is undefined for a namespace that was never
 * written to, which is no error. Concurrent calls are independent.
 *
 * @param host named in errors
 * @throws RetryableError (`index_...`), TerminalError index_rejected
 */
export const createCall = (settings: PineconeSettings, host: string): Call => {
  const { apiKey, controllerUrl, timeoutMs = defaultTimeoutMs } = settings;
  let client: Client | undefined;

  const connect = async (): Promise<Client> => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
    if (!key) throw new RetryableError('index_key_missing', 'No Pinecone API key is set.');
    if (client?.key === key) return client;
    const { Pinecone: Sdk, createRetryingFetch, responseContext } = await import('./sdk.ts');
    const sdk = new Sdk({
      apiKey: key,
      fetchApi: createRetryingFetch({ ...settings, timeoutMs }),
      // Retries happen in the retrying fetch, which also covers 429 and broken connections.
      maxRetries: 0,
      sourceTag: 'turnstone',
      ...(controllerUrl ? { controllerHostUrl: controllerUrl } : {}),
    });
    client = { key, sdk, responseContext };
    return client;
  };

  return async (request) => {
    const { sdk, responseContext } = await connect();
    const context: { last: ResponseMetadata } = { last: {} };
    try {
      const result = await responseContext.run(context, () => request(sdk));
      return { result, response: context.last };
    } catch (error) {
      if (context.last.isNewNamespace) return { result: undefined, response: context.last };
      throw toIndexError(error, host, context.last);
    }
  };
};
