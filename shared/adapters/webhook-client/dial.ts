import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Target } from '../../domain/webhooks/endpoint-url.ts';
import {
  formatAddress,
  type IpAddress,
  isSameAddress,
  parseAddress,
} from '../../domain/webhooks/ip-address.ts';
import { blockedTarget, connectFailure, TransportFailure, tlsFailure } from './failure.ts';
import type { SsrfGuard } from './ssrf-guard.ts';
import type { Trace } from './trace.ts';

export interface DialOptions {
  guard: SsrfGuard;
  connectTimeoutMs: number;
  /** Certificates to trust instead of the well-known ones. */
  ca?: string;
}

const maxAddresses = 4;

const timeoutError = (): TransportFailure =>
  new TransportFailure('connect_timeout', 'The connection was not made in time.');

const ignoreRejection = (): void => {};

/** Waits for `event`. On an error or an abort the socket is destroyed. */
const onceOrAbort = async (socket: Socket, event: string, signal: AbortSignal): Promise<void> => {
  try {
    await once(socket, event, { signal });
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? timeoutError() : error;
  }
};

const openTcp = async (address: IpAddress, port: number, guard: SsrfGuard, signal: AbortSignal) => {
  const host = formatAddress(address);
  const socket = connectTcp({ host, port, noDelay: true, autoSelectFamily: false });
  // `onceOrAbort` reports errors; without this listener an error at another time would end the process.
  socket.on('error', ignoreRejection);
  try {
    await onceOrAbort(socket, 'connect', signal);
  } catch (error) {
    throw error instanceof TransportFailure ? error : connectFailure(error);
  }
  const connectedTo = parseAddress(socket.remoteAddress ?? '');
  if (connectedTo && isSameAddress(connectedTo, address) && guard.isAllowed(connectedTo, port))
    return socket;
  socket.destroy();
  throw blockedTarget();
};

/** Tries the addresses in order. Each gets an equal share of the time that is left. */
const connectAny = async (
  addresses: readonly IpAddress[],
  { port }: Target,
  { guard, connectTimeoutMs }: DialOptions,
  trace: Trace,
  signal: AbortSignal,
): Promise<Socket> => {
  const end = performance.now() + connectTimeoutMs;
  const candidates = addresses.slice(0, maxAddresses);
  let failure = timeoutError();
  for (const [index, address] of candidates.entries()) {
    const shareMs = Math.max(1, (end - performance.now()) / (candidates.length - index));
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(shareMs))]);
    trace.remoteAddress = formatAddress(address);
    try {
      return await openTcp(address, port, guard, bounded);
    } catch (error) {
      if (!(error instanceof TransportFailure) || signal.aborted) throw error;
      failure = error;
    }
  }
  throw failure;
};

const startTls = async (
  socket: Socket,
  { host }: Target,
  ca: string | undefined,
  signal: AbortSignal,
): Promise<Socket> => {
  const name = 'name' in host ? { servername: host.name } : { host: formatAddress(host.address) };
  const secured = connectTls({
    ...name,
    ...(ca === undefined ? {} : { ca }),
    socket,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true,
  });
  secured.on('error', ignoreRejection);
  try {
    await onceOrAbort(secured, 'secureConnect', signal);
    return secured;
  } catch (error) {
    socket.destroy();
    throw error instanceof TransportFailure ? error : tlsFailure(error);
  }
};

/**
 * Connects to one of the addresses that the guard allowed, without another DNS lookup, so that DNS rebinding has no
 * effect. The certificate must be valid for the target's host name. Writes timings and address into `trace`.
 *
 * @throws TransportFailure connect_refused, connect_timeout, tls or blocked_address
 */
export const dial = async (
  target: Target,
  addresses: readonly IpAddress[],
  options: DialOptions,
  trace: Trace,
  signal: AbortSignal,
): Promise<Socket> => {
  const started = performance.now();
  const socket = await connectAny(addresses, target, options, trace, signal);
  const connected = performance.now();
  trace.timings.connect = connected - started;
  if (target.url.protocol === 'http:') return socket;
  const remainingMs = Math.ceil(Math.max(1, options.connectTimeoutMs - trace.timings.connect));
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(remainingMs)]);
  const secured = await startTls(socket, target, options.ca, bounded);
  trace.timings.tls = performance.now() - connected;
  return secured;
};
