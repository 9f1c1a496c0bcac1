import type OpenAI from 'openai';
import { RetryableError } from '../../domain/errors.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { type Service, toProviderError } from './faults.ts';

/** Asked for at every call when it may change, or appear, while the process runs. */
type ApiKey = string | undefined | (() => Promise<string | undefined>);

export interface OpenAiSettings {
  /**
   * May be left out with a base URL of one's own: many compatible servers ask for none. One that is asked for and not
   * there is missing: it will come, and until then nobody is called.
   */
  apiKey?: ApiKey;
  /** Of an OpenAI-compatible server, with its version: `http://127.0.0.1:11434/v1`. */
  baseUrl?: string | undefined;
  model: string;
  /** For one call, its whole answer included. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
}

const vendorUrl = 'https://api.openai.com/v1';

/** Whether the vendor itself is spoken to, and not a server that is merely compatible. */
export const isOpenAi = ({ baseUrl }: OpenAiSettings): boolean =>
  /(^|\.)api\.openai\.com$/.test(new URL(baseUrl ?? vendorUrl).hostname);

const timeouts = { model: 60_000, embedder: 20_000 };
/** Bytes of an answer that are read: of chat far more than any list of changes, of vectors what a batch of them has. */
const maxBytes = { model: 1_048_576, embedder: 16_777_216 };

export type Call = <T>(
  request: (sdk: OpenAI, options: { signal?: AbortSignal }) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** An error that came with status 200, as some routers answer: `{"error": {"code": 429, "message": ...}}`. */
const errorIn = (answer: unknown): object | undefined => {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  if ('choices' in answer || 'data' in answer) return undefined;
  const { error } = answer;
  if (typeof error !== 'object' || error === null) return { status: 500 };
  const status = 'code' in error ? Number(error.code) : Number.NaN;
  return { ...error, status: status >= 400 && status < 600 ? status : 500 };
};

/** What was answered, also by a server that says of its JSON that it is text. @throws where it is neither */
const bodyOf = <T>(answer: T): T => {
  const body: T = typeof answer === 'string' ? JSON.parse(answer) : answer;
  const error = errorIn(body);
  if (error) throw error;
  return body;
};

/**
 * Calls through the SDK, which is imported and built on the first one. Nothing is retried here.
 * @throws RetryableError, RequestRejected, or the signal's reason once it aborted
 */
export const createClient = (settings: OpenAiSettings, kind: Service['kind']): Call => {
  const { apiKey, baseUrl = vendorUrl, model, timeoutMs = timeouts[kind] } = settings;
  const service: Service = { kind, model, host: new URL(baseUrl).host, timeoutMs };
  const dummyKey = isOpenAi(settings) ? undefined : 'none';
  let client: { key: string; sdk: OpenAI } | undefined;

  const connect = async (): Promise<OpenAI> => {
    const key = typeof apiKey === 'function' ? await apiKey() : apiKey || dummyKey;
    if (!key) throw new RetryableError(`${kind}_key_missing`, 'No OpenAI API key is set.');
    if (client?.key === key) return client.sdk;
    const { OpenAI: Sdk } = await import('openai');
    const sdk = new Sdk({
      apiKey: key,
      baseURL: baseUrl,
      timeout: timeoutMs,
      maxRetries: 0,
      // Its debug log would hold what people said.
      logLevel: 'off',
      fetch: boundedFetch(maxBytes[kind], settings.fetch),
    });
    client = { key, sdk };
    return sdk;
  };

  return async (request, signal) => {
    signal?.throwIfAborted();
    const sdk = await connect();
    try {
      return bodyOf(await request(sdk, signal ? { signal } : {}));
    } catch (error) {
      signal?.throwIfAborted();
      throw toProviderError(error, service);
    }
  };
};
