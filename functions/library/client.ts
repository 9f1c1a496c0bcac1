import { isOptions } from './checked-calls.ts';
import { ConfigurationError, ConnectionError, type ErrorContext } from './errors.ts';
import { unknownOption } from './known-options.ts';
import type { ClientOptions, MemoryClient } from './memory-interface.ts';
import { createOperations } from './operations.ts';
import { wrongProcessingOption } from './processing.ts';
import { type Answer, anySignal, type Send, type ServiceRequest } from './transport.ts';

export type * from './call-interface.ts';
export type * from './context-interface.ts';
export * from './errors.ts';
export type * from './memory-interface.ts';
export type * from './processing-interface.ts';

const retriedStatuses = new Set([408, 429, 502, 503, 504]);
const firstDelayMs = 250;
const maxDelayMs = 8_000;
/** A service that asks for a longer pause is not asked again: the caller decides. */
const maxRetryAfterMs = 30_000;

const misconfigured = (sentence: string, field: string): ConfigurationError =>
  new ConfigurationError('bad_setting', sentence, { operation: 'createClient' }, { field });

/** @throws ConfigurationError for arguments of which no client can be made */
const rejectUnusable = (options: ClientOptions, further: readonly unknown[]): void => {
  if (!isOptions(options) || further.length > 0)
    throw misconfigured('createClient takes one argument, an object of options.', 'options');
  const wrong = unknownOption('createClient', options) ?? wrongProcessingOption(options);
  if (wrong) throw misconfigured(wrong.sentence, wrong.field);
  if (options.fetch !== undefined && typeof options.fetch !== 'function')
    throw misconfigured('fetch must be a function.', 'fetch');
};

const isInRange = (value: unknown, min: number, max: number): boolean =>
  typeof value === 'number' && value >= min && value <= max;

const checked = (options: ClientOptions, further: readonly unknown[]) => {
  rejectUnusable(options, further);
  const { url, apiKey, retries = 3, requestTimeoutMs = 60_000 } = options;
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base?.protocol !== 'http:' && base?.protocol !== 'https:')
    throw misconfigured('url must be an http or https URL.', 'url');
  if (typeof apiKey !== 'string' || !/^[!-~]+$/.test(apiKey))
    throw misconfigured('apiKey must be a text of printable characters without spaces.', 'apiKey');
  if (!(Number.isInteger(retries) && isInRange(retries, 0, 20)))
    throw misconfigured('retries must be 0 to 20.', 'retries');
  if (!isInRange(requestTimeoutMs, 1, 600_000))
    throw misconfigured('requestTimeoutMs must be 1 to 600000.', 'requestTimeoutMs');
  return { base: `${base.origin}${base.pathname.replace(/\/$/, '')}`, retries, requestTimeoutMs };
};

/** Returns the time that the header asks for: seconds, or the date of an HTTP answer. */
const retryAfterMs = (headers: Headers): number | undefined => {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

const bodyOf = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Exponential backoff with full jitter. */
const delayOf = (tries: number): number =>
  Math.random() * Math.min(maxDelayMs, firstDelayMs * 2 ** tries);

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });

/** Tries a request once. Returns the error instead of an answer if there was none. */
type Try = (request: ServiceRequest, signal: AbortSignal) => Promise<Answer | ConnectionError>;

/** Returns the pause before the next try in milliseconds; undefined if no further try can help. */
const pauseAfter = (outcome: Answer | ConnectionError, tries: number): number | undefined => {
  if (outcome instanceof ConnectionError) return delayOf(tries);
  if (!retriedStatuses.has(outcome.status)) return undefined;
  const pauseMs = outcome.retryAfterMs ?? delayOf(tries);
  return pauseMs > maxRetryAfterMs ? undefined : pauseMs;
};

/** Tries until there is an answer that no repeat can change, at most `retries` times more. */
const retrying =
  (tryOnce: Try, retries: number) =>
  async (request: ServiceRequest, signal: AbortSignal): Promise<Answer> => {
    for (let tries = 0; ; tries += 1) {
      const outcome = await tryOnce(request, signal);
      const pauseMs = tries < retries ? pauseAfter(outcome, tries) : undefined;
      if (pauseMs !== undefined) await sleep(pauseMs, signal);
      else if (outcome instanceof ConnectionError) throw outcome;
      else return { ...outcome, repeated: tries > 0 };
    }
  };

/**
 * Creates a client of a service. Needs `fetch` alone, so it runs on Node 20 and newer and in browsers. A request without an
 * answer is repeated with backoff; a repeated add has the same idempotency key, so it is one turn.
 * @throws ConfigurationError bad_setting
 */
export const createClient = (
  options: ClientOptions,
  ...further: readonly never[]
): MemoryClient => {
  const { base, retries, requestTimeoutMs } = checked(options, further);
  const { apiKey, fetch: send = globalThis.fetch } = options;
  const closing = new AbortController();

  const tryOnce = async (
    { method, path, body, headers }: ServiceRequest,
    signal: AbortSignal,
    context: ErrorContext,
  ): Promise<Answer | ConnectionError> => {
    const timeout = AbortSignal.timeout(requestTimeoutMs);
    try {
      const response = await send(`${base}${path}`, {
        method,
        headers: {
          authorization: `Token ${apiKey}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        signal: anySignal(signal, timeout),
        ...(body === undefined ? {} : { body }),
      });
      const { status } = response;
      return { status, body: await bodyOf(response), retryAfterMs: retryAfterMs(response.headers) };
    } catch (cause) {
      signal.throwIfAborted();
      return timeout.aborted
        ? new ConnectionError('timeout', `No answer within ${requestTimeoutMs} ms.`, context, {
            cause,
          })
        : new ConnectionError('connection', `The service at ${base} cannot be reached.`, context, {
            cause,
          });
    }
  };

  const closed = (context: ErrorContext): ConnectionError =>
    new ConnectionError('closed', 'This client is closed.', context);

  const transport: Send = async (request, context) => {
    if (closing.signal.aborted) throw closed(context);
    const signal = anySignal(request.signal, closing.signal);
    try {
      const attempt: Try = (one, until) => tryOnce(one, until, context);
      return await retrying(attempt, retries)(request, signal);
    } catch (error) {
      throw error === closing.signal.reason ? closed(context) : error;
    }
  };

  const close = async (): Promise<void> => closing.abort();
  const operations = createOperations(transport, { processing: options });
  return { ...operations, close, [Symbol.asyncDispose]: close };
};
