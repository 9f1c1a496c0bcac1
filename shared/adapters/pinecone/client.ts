import type { Pinecone } from '@pinecone-database/pinecone';
import { RetryableError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { faultOf } from './faults.ts';
import {
  createRetryingFetch,
  type ResponseMetadata,
  withResponseContext,
} from './retrying-fetch.ts';

export interface PineconeSettings {
  /** Asked for at every call when it may change, or appear, while the process runs. */
  apiKey: string | undefined | (() => Promise<string | undefined>);
  clock: Clock;
  telemetry?: Telemetry | undefined;
  /** For one attempt of a request. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
  /** Where indexes are made and described, when it is not the vendor. */
  controllerUrl?: string | undefined;
}

/** Runs a request and tells what its answer said besides its result. */
export type Call = <T>(
  request: (sdk: Pinecone) => Promise<T>,
) => Promise<{ result: T | undefined; answered: ResponseMetadata }>;

const defaultTimeoutMs = 8_000;

/**
 * Calls through the SDK, which is imported and built on the first one. `result` is undefined when the namespace was
 * never written to: that is no error.
 *
 * @param host named in errors
 * @throws RetryableError (`index_...`), TerminalError index_rejected
 */
export const createCall = (settings: PineconeSettings, host: string): Call => {
  const { apiKey, controllerUrl, timeoutMs = defaultTimeoutMs } = settings;
  const fetchApi = createRetryingFetch({ ...settings, timeoutMs });
  let client: { key: string; sdk: Pinecone } | undefined;

  const connect = async (): Promise<Pinecone> => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey;
    if (!key) throw new RetryableError('index_key_missing', 'No Pinecone API key is set.');
    if (client?.key === key) return client.sdk;
    const { Pinecone: Sdk } = await import('./sdk.ts');
    const sdk = new Sdk({
      apiKey: key,
      fetchApi,
      // Ours repeats what it is worth, 429 and broken connections included.
      maxRetries: 0,
      sourceTag: 'turnstone',
      ...(controllerUrl ? { controllerHostUrl: controllerUrl } : {}),
    });
    client = { key, sdk };
    return sdk;
  };

  return async (request) => {
    const sdk = await connect();
    const responseContext: { last: ResponseMetadata } = { last: {} };
    try {
      const result = await withResponseContext.run(responseContext, () => request(sdk));
      return { result, answered: responseContext.last };
    } catch (error) {
      if (responseContext.last.isNewNamespace)
        return { result: undefined, answered: responseContext.last };
      throw faultOf(error, host, responseContext.last);
    }
  };
};
