import type OpenAI from 'openai';
import { RetryableError } from '../../domain/errors.ts';
import { type AnswerLimits, boundedFetch } from './bounded-fetch.ts';
import { type Provider, toProviderError } from './faults.ts';

/** A function is called at every request: the key may change or appear while the process runs. */
type ApiKey = string | undefined | (() => Promise<string | undefined>);

export interface OpenAiSettings {
  /**
   * Optional with `baseUrl`, since many compatible servers need none. A function without a result makes calls fail with
   * `..._key_missing` until the key appears.
   */
  apiKey?: ApiKey;
  /** Base URL of an OpenAI-compatible server, with the version: `http://127.0.0.1:11434/v1`. */
  baseUrl?: string | undefined;
  model: string;
  /** Timeout of one call, including the whole response body. */
  timeoutMs?: number | undefined;
  fetch?: typeof fetch | undefined;
}

const vendorUrl = 'https://api.openai.com/v1';

/** Whether the server is OpenAI's own, not merely a compatible one. */
export const isOpenAi = ({ baseUrl }: OpenAiSettings): boolean =>
  /(^|\.)api\.openai\.com$/.test(new URL(baseUrl ?? vendorUrl).hostname);

const timeouts = { model: 60_000, embedder: 20_000 };
/** Limits of a response body: far more than any list of changes. */
const chatLimits: AnswerLimits = { bytes: 1_048_576, values: 20_000 };

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Limits of the answer; by default those of a chat. */
  limits?: AnswerLimits;
}

export type Call = <T>(
  request: (sdk: OpenAI, options: { signal?: AbortSignal }) => Promise<T>,
  options?: CallOptions,
) => Promise<T>;

/** Error in a response of status 200, as some routers send: `{"error": {"code": 429, "message": ...}}`. */
const errorIn = (answer: unknown): object | undefined => {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  if ('choices' in answer || 'data' in answer) return undefined;
  const { error } = answer;
  if (typeof error !== 'object' || error === null) return { status: 500 };
  const status = 'code' in error ? Number(error.code) : Number.NaN;
  return { ...error, status: status >= 400 && status < 600 ? status : 500 };
};

/**
 * Body of a response, parsed if the server declared its JSON as text. @throws the error in the body, or for invalid
 * JSON
 */
const bodyOf = <T>(answer: T): T => {
  const body: T = typeof answer === 'string' ? JSON.parse(answer) : answer;
  const error = errorIn(body);
  if (error) throw error;
  return body;
};

/**
 * Calls the API through the SDK, which the first call imports and constructs. Never retries, so a call reaches the server
 * at most once. Concurrent calls are independent.
 * @throws RetryableError, RequestRejected; the signal's reason once aborted
 */
export const createClient = (settings: OpenAiSettings, kind: Provider['kind']): Call => {
  const { apiKey, baseUrl = vendorUrl, model, timeoutMs = timeouts[kind] } = settings;
  const provider: Provider = { kind, model, host: new URL(baseUrl).host, timeoutMs };
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
      // The debug log of the SDK would contain messages of users.
      logLevel: 'off',
      fetch: boundedFetch(chatLimits, settings.fetch),
    });
    client = { key, sdk };
    return sdk;
  };

  return async (request, { signal, limits } = {}) => {
    signal?.throwIfAborted();
    const whole = await connect();
    const sdk = limits ? whole.withOptions({ fetch: boundedFetch(limits, settings.fetch) }) : whole;
    try {
      return bodyOf(await request(sdk, signal ? { signal } : {}));
    } catch (error) {
      signal?.throwIfAborted();
      throw toProviderError(error, provider);
    }
  };
};
