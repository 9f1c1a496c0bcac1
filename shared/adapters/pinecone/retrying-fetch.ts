import { AsyncLocalStorage } from 'node:async_hooks';
import { parseRetryAfter } from '../../domain/retry-after.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** What an answer tells besides what the SDK hands out. */
export interface ResponseMetadata {
  status?: number;
  retryAfterMs?: number;
  /** Of a write: its number in the namespace's log. */
  written?: number;
  /** Of a read: the last number it has seen. */
  indexed?: number;
  /** Nothing was ever written to the namespace. */
  isNewNamespace?: boolean;
  /** No answer came within the time allowed. */
  timedOut?: boolean;
}

/** The SDK hides statuses and headers: what is called in here leaves those of its last attempt. */
export const withResponseContext = new AsyncLocalStorage<{ last: ResponseMetadata }>();

const attempts = 3;
const firstPauseMs = 100;
/** Who is asked to wait longer is told so: a search is waiting. */
const longestPauseMs = 2_000;
/** No further attempt after this. */
const totalTimeoutMs = 10_000;
const retryableStatuses = new Set([408, 429, 500, 502, 503, 504]);

const numberOf = (headers: Headers, name: string): number | undefined => {
  const value = Number(headers.get(name) ?? Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
};

const read = (response: Response, body: string, now: number): ResponseMetadata => {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after') ?? '', now);
  const written = numberOf(response.headers, 'x-pinecone-request-lsn');
  const indexed = numberOf(response.headers, 'x-pinecone-max-indexed-lsn');
  return {
    status: response.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(written === undefined ? {} : { written }),
    ...(indexed === undefined ? {} : { indexed }),
    ...(response.status === 404 && /namespace/i.test(body) ? { isNewNamespace: true } : {}),
  };
};

/** How long to wait before another attempt; undefined when there shall be none. */
const pauseAfter = (
  { status, retryAfterMs }: ResponseMetadata,
  count: number,
  elapsedMs: number,
): number | undefined => {
  if (status !== undefined && !retryableStatuses.has(status)) return undefined;
  if (count === attempts || elapsedMs > totalTimeoutMs) return undefined;
  const pauseMs = retryAfterMs ?? firstPauseMs * 2 ** (count - 1);
  return pauseMs > longestPauseMs ? undefined : pauseMs;
};

const tell = (answered: ResponseMetadata): void => {
  const responseContext = withResponseContext.getStore();
  if (responseContext) responseContext.last = answered;
};

export interface FetchSettings {
  clock: Clock;
  telemetry?: Telemetry | undefined;
  /** For one attempt, its whole answer included. */
  timeoutMs: number;
  fetch?: typeof fetch | undefined;
}

type Attempt = { answered: ResponseMetadata } & ({ response: Response } | { error: unknown });

/**
 * A fetch that takes its time and no more: each attempt ends in time, and one that was throttled, failed on the other
 * side or broke off is repeated, at most twice. Every request it carries is safe to repeat.
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
        answered: read(answer, body, clock.now()),
        response: new Response(body === '' ? null : body, { status, headers }),
      };
    } catch (error) {
      return { answered: { timedOut: signal.aborted }, error };
    }
  };

  return async (url, init) => {
    const start = performance.now();
    for (let count = 1; ; count++) {
      const outcome = await attempt(url, init);
      tell(outcome.answered);
      const pauseMs = pauseAfter(outcome.answered, count, performance.now() - start);
      if (pauseMs !== undefined) {
        telemetry?.log('debug', 'index.request_retried', {
          status: outcome.answered.status ?? 0,
          count,
        });
        await clock.sleep(pauseMs);
      } else if ('response' in outcome) return outcome.response;
      else throw outcome.error;
    }
  };
};
