import { AsyncLocalStorage } from 'node:async_hooks';
import { parseRetryAfter } from '../../domain/retry-after.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Parts of a response that the SDK hides. */
export interface ResponseMetadata {
  status?: number;
  retryAfterMs?: number;
  /** Log sequence number of a write in its namespace. */
  writeLsn?: number;
  /** Last log sequence number that a read covers. */
  indexedLsn?: number;
  /** Nothing was ever written to the namespace. */
  isNewNamespace?: boolean;
  /** The attempt exceeded its timeout. */
  timedOut?: boolean;
}

/** Carries the metadata of the last attempt from `fetch` past the SDK to the caller. */
export const responseContext = new AsyncLocalStorage<{ last: ResponseMetadata }>();

const maxAttempts = 3;
const firstDelayMs = 100;
/** Longest delay before a retry. A longer `Retry-After` is passed to the caller, because a search may be waiting. */
const maxDelayMs = 2_000;
/** No attempt starts later than this after the first. */
const totalTimeoutMs = 10_000;
const retryableStatuses = new Set([408, 429, 500, 502, 503, 504]);

const numberOf = (headers: Headers, name: string): number | undefined => {
  const value = Number(headers.get(name) ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
};

const metadataOf = (response: Response, body: string, now: number): ResponseMetadata => {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after') ?? '', now);
  const writeLsn = numberOf(response.headers, 'x-pinecone-request-lsn');
  const indexedLsn = numberOf(response.headers, 'x-pinecone-max-indexed-lsn');
  return {
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(writeLsn === undefined ? {} : { writeLsn }),
    ...(indexedLsn === undefined ? {} : { indexedLsn }),
    ...(response.status === 404 && /namespace/i.test(body) ? { isNewNamespace: true } : {}),
  };
};

/** Delay before the next attempt, by exponential backoff or `Retry-After`; undefined for no further attempt. */
const retryDelay = (
  { status, retryAfterMs }: ResponseMetadata,
  count: number,
  elapsedMs: number,
): number | undefined => {
  if (status !== undefined && !retryableStatuses.has(status)) return undefined;
  if (count === maxAttempts || elapsedMs > totalTimeoutMs) return undefined;
  const delayMs = retryAfterMs ?? firstDelayMs * 2 ** (count - 1);
  return delayMs > maxDelayMs ? undefined : delayMs;
};

const recordMetadata = (metadata: ResponseMetadata): void => {
  const context = responseContext.getStore();
  if (context) context.last = metadata;
};

export interface FetchSettings {
  clock: Clock;
  telemetry?: Telemetry | undefined;
  /** Timeout of one attempt, including the whole response body. */
  timeoutMs: number;
  fetch?: typeof fetch | undefined;
}

type Attempt = { metadata: ResponseMetadata } & ({ response: Response } | { error: unknown });

/**
 * Fetch with a timeout per attempt and at most two retries: after 408, 429, 500, 502 to 504, a timeout or a broken connection. Every
 * request has to be idempotent, since an attempt without a response may have taken effect. The last response or error is
 * passed on.
 */
export const createRetryingFetch = (settings: FetchSettings): typeof fetch => {
  const { clock, telemetry, timeoutMs } = settings;
  const send = settings.fetch ?? fetch;

  const attempt = async (...[url, init]: Parameters<typeof fetch>): Promise<Attempt> => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await send(url, { ...init, signal });
      const body = await answer.text();
      const { status, headers } = answer;
      return {
        metadata: metadataOf(answer, body, clock.now()),
        response: new Response(body === '' ? null : body, { status, headers }),
      };
    } catch (error) {
      return { metadata: { timedOut: signal.aborted }, error };
    }
  };

  return async (url, init) => {
    const start = performance.now();
    for (let count = 1; ; count++) {
      const outcome = await attempt(url, init);
      recordMetadata(outcome.metadata);
      const delayMs = retryDelay(outcome.metadata, count, performance.now() - start);
      if (delayMs !== undefined) {
        telemetry?.log('debug', 'index.request_retried', {
          status: outcome.metadata.status ?? 0,
          count,
        });
        await clock.sleep(delayMs);
      } else if ('response' in outcome) return outcome.response;
      else throw outcome.error;
    }
  };
};
