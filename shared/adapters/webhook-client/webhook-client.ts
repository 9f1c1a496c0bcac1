import {
  type EndpointPolicy,
  noPublicAddress,
  type Target,
} from '../../domain/webhooks/endpoint-url.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  AttemptTimings,
  Post,
  PostFailure,
  PostResult,
  WebhookClient,
} from '../../ports/webhook-client.ts';
import type { Connection } from './connection.ts';
import { createConnectionPool } from './connection-pool.ts';
import { dial } from './dial.ts';
import { type Exchanged, exchange, StaleConnection } from './exchange.ts';
import { blockedTarget, TransportFailure } from './failure.ts';
import { createResolveName } from './resolve-name.ts';
import { createSsrfGuard } from './ssrf-guard.ts';
import type { Trace } from './trace.ts';

export interface WebhookClientOptions extends EndpointPolicy {
  clock: Clock;
  /** Timeout of a whole attempt. */
  timeoutMs?: number | undefined;
  connectTimeoutMs?: number | undefined;
  /** Name servers, as `ip` or `ip:port`, instead of the system's. */
  dnsServers?: readonly string[];
  /** Trusted root certificates as PEM, instead of the built-in ones. */
  ca?: string;
}

const roundTimings = (timings: AttemptTimings): AttemptTimings =>
  Object.fromEntries(Object.entries(timings).map(([part, ms]) => [part, Math.round(ms * 10) / 10]));

const toPostFailure = (
  { kind, message }: TransportFailure,
  { timings, remoteAddress }: Trace,
): PostFailure => {
  if (kind === 'blocked_address') return { error: kind, message, timings: {} };
  const address = remoteAddress === undefined ? {} : { remoteAddress };
  return { error: kind, message, timings: roundTimings(timings), ...address };
};

const timeoutError = (ms: number): TransportFailure =>
  new TransportFailure('timeout', `The receiver did not answer within ${ms / 1000} s.`);

/**
 * Creates the HTTP client for webhooks. Receivers are untrusted: addresses are limited by the SSRF guard, the duration
 * of an attempt by its timeout, and the size of a response by what is stored.
 */
export const createWebhookClient = (options: WebhookClientOptions): WebhookClient => {
  const { clock, timeoutMs = 15_000, connectTimeoutMs = 5_000 } = options;
  const guard = createSsrfGuard(options, createResolveName(options.dnsServers));
  const pool = createConnectionPool(clock);
  const dialOptions = {
    guard,
    connectTimeoutMs,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
  const inFlight = new Set<AbortController>();

  const connect = async (
    target: Target,
    trace: Trace,
    signal: AbortSignal,
  ): Promise<Connection> => {
    const openConnection = await pool.loadConnect();
    const started = performance.now();
    const addresses = await guard.addressesOf(target, signal);
    if (!Array.isArray(addresses)) throw blockedTarget();
    if ('name' in target.host) trace.timings.dns = performance.now() - started;
    const socket = await dial(target, addresses, dialOptions, trace, signal);
    return openConnection(target.url.origin, socket);
  };

  const exchangeOn = async (
    connection: Connection,
    origin: string,
    post: Post,
    trace: Trace,
    limit: AbortController,
  ): Promise<Exchanged> => {
    const onAbort = (): void => pool.destroy(connection);
    limit.signal.addEventListener('abort', onAbort, { once: true });
    try {
      limit.signal.throwIfAborted();
      const exchanged = await exchange(connection, post, clock.now, trace, limit);
      if (exchanged.reusable) pool.release(origin, connection);
      else pool.destroy(connection);
      return exchanged;
    } catch (error) {
      pool.destroy(connection);
      throw error;
    } finally {
      limit.signal.removeEventListener('abort', onAbort);
    }
  };

  const attempt = async (post: Post, trace: Trace, limit: AbortController): Promise<Exchanged> => {
    const target = guard.validate(post.url);
    if (!target.ok) throw blockedTarget();
    const { origin } = target.url;
    const pooled = pool.acquire(origin);
    if (pooled) {
      try {
        return await exchangeOn(pooled, origin, post, trace, limit);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
      }
    }
    const connection = await connect(target, trace, limit.signal);
    return await exchangeOn(connection, origin, post, trace, limit);
  };

  return {
    async check(url) {
      const target = guard.validate(url);
      if (!target.ok) return target;
      try {
        const addresses = await guard.addressesOf(target, new AbortController().signal);
        return Array.isArray(addresses) ? { ok: true } : noPublicAddress;
      } catch (error) {
        if (error instanceof TransportFailure) return noPublicAddress;
        throw error;
      }
    },

    async post(post): Promise<PostResult> {
      const trace: Trace = { timings: {} };
      const started = performance.now();
      const limit = new AbortController();
      const ms = Math.min(post.timeoutMs ?? timeoutMs, timeoutMs);
      const timer = setTimeout(() => limit.abort(timeoutError(ms)), ms);
      inFlight.add(limit);
      try {
        const { response } = await attempt(post, trace, limit);
        trace.timings.total = performance.now() - started;
        return { ...response, timings: roundTimings(trace.timings) };
      } catch (error) {
        trace.timings.total = performance.now() - started;
        if (error instanceof TransportFailure) return toPostFailure(error, trace);
        throw error;
      } finally {
        clearTimeout(timer);
        inFlight.delete(limit);
      }
    },

    async close() {
      const reason = new TransportFailure('reset', 'The sender was stopped.');
      for (const limit of inFlight) limit.abort(reason);
      pool.close();
    },
  };
};
