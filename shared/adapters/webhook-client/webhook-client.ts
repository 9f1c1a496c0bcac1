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
} from '../../ports/outbound.ts';
import type { Connection } from './connection.ts';
import { createConnections } from './connection-pool.ts';
import { dial } from './dial.ts';
import { type Exchanged, exchange, StaleConnection } from './exchange.ts';
import { AttemptFailure, blocked } from './failure.ts';
import { createGuard } from './ssrf-guard.ts';
import { createResolveName } from './resolve-name.ts';
import type { Trace } from './trace.ts';

export interface WebhookClientOptions extends EndpointPolicy {
  clock: Clock;
  /** For one attempt, all of it. */
  timeoutMs?: number | undefined;
  connectTimeoutMs?: number | undefined;
  /** Name servers, `ip` or `ip:port`, instead of the system's. */
  dnsServers?: readonly string[];
  /** Certificates to trust instead of the well-known ones, PEM. */
  ca?: string;
}

const rounded = (timings: AttemptTimings): AttemptTimings =>
  Object.fromEntries(Object.entries(timings).map(([part, ms]) => [part, Math.round(ms * 10) / 10]));

const failed = (
  { kind, message }: AttemptFailure,
  { timings, remoteAddress }: Trace,
): PostFailure => {
  if (kind === 'blocked_address') return { error: kind, message, timings: {} };
  const address = remoteAddress === undefined ? {} : { remoteAddress };
  return { error: kind, message, timings: rounded(timings), ...address };
};

const timeoutError = (ms: number): AttemptFailure =>
  new AttemptFailure('timeout', `The receiver did not answer within ${ms / 1000} s.`);

/** Posts to receivers that are trusted in nothing: not with their address, their time or their size. */
export const createWebhookClient = (options: WebhookClientOptions): WebhookClient => {
  const { clock, timeoutMs = 15_000, connectTimeoutMs = 5_000 } = options;
  const guard = createGuard(options, createResolveName(options.dnsServers));
  const connections = createConnections(clock);
  const dialing = {
    guard,
    connectTimeoutMs,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
  const running = new Set<AbortController>();

  const connect = async (
    target: Target,
    trace: Trace,
    signal: AbortSignal,
  ): Promise<Connection> => {
    const open = await connections.opener();
    const started = performance.now();
    const addresses = await guard.addressesOf(target, signal);
    if (!Array.isArray(addresses)) throw blocked();
    if ('name' in target.host) trace.timings.dns = performance.now() - started;
    const socket = await dial(target, addresses, dialing, trace, signal);
    return open(target.url.origin, socket);
  };

  const exchangeOn = async (
    connection: Connection,
    origin: string,
    post: Post,
    trace: Trace,
    limit: AbortController,
  ): Promise<Exchanged> => {
    const end = (): void => connections.discard(connection);
    limit.signal.addEventListener('abort', end, { once: true });
    try {
      limit.signal.throwIfAborted();
      const exchanged = await exchange(connection, post, clock.now, trace, limit);
      if (exchanged.reusable) connections.release(origin, connection);
      else connections.discard(connection);
      return exchanged;
    } catch (error) {
      connections.discard(connection);
      throw error;
    } finally {
      limit.signal.removeEventListener('abort', end);
    }
  };

  const attempt = async (post: Post, trace: Trace, limit: AbortController): Promise<Exchanged> => {
    const target = guard.validate(post.url);
    if (!target.ok) throw blocked();
    const { origin } = target.url;
    const kept = connections.acquire(origin);
    if (kept) {
      try {
        return await exchangeOn(kept, origin, post, trace, limit);
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
        if (error instanceof AttemptFailure) return noPublicAddress;
        throw error;
      }
    },

    async post(post): Promise<PostResult> {
      const trace: Trace = { timings: {} };
      const started = performance.now();
      const limit = new AbortController();
      const ms = Math.min(post.timeoutMs ?? timeoutMs, timeoutMs);
      const timer = setTimeout(() => limit.abort(timeoutError(ms)), ms);
      running.add(limit);
      try {
        const { answer } = await attempt(post, trace, limit);
        trace.timings.total = performance.now() - started;
        return { ...answer, timings: rounded(trace.timings) };
      } catch (error) {
        trace.timings.total = performance.now() - started;
        if (error instanceof AttemptFailure) return failed(error, trace);
        throw error;
      } finally {
        clearTimeout(timer);
        running.delete(limit);
      }
    },

    async close() {
      const reason = new AttemptFailure('reset', 'The sender was stopped.');
      for (const limit of running) limit.abort(reason);
      connections.close();
    },
  };
};
