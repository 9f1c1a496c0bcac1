import { Resolver } from 'node:dns/promises';
import { type IpAddress, parseAddress } from '../../domain/webhooks/ip-address.ts';
import { dnsFailure, TransportFailure } from './failure.ts';

const timeoutMs = 2_500;
const queryTimeoutMs = 1_000;

/** Resolves a host name; rejects when `signal` aborts. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<IpAddress[]>;

const resolveOrAbort = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new TransportFailure('dns', 'The host name was not resolved in time.'));
  });
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
};

/** Replaces an address that cannot be parsed: 0.0.0.0 is never allowed. */
const unparsable: IpAddress = { family: 4, value: 0n };

/**
 * Creates the DNS lookup: all addresses of a name, IPv4 first. Queries the name servers directly: no hosts file, no
 * search list, and no thread of libuv's pool, which a slow server could block.
 *
 * @throws TransportFailure dns
 */
export const createResolveName = (servers?: readonly string[]): ResolveName => {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
  if (servers?.length) resolver.setServers(servers);

  return async (name, signal) => {
    const both = Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const answers = await resolveOrAbort(both, bounded);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (found.length === 0) throw dnsFailure(failed?.reason);
    return found.map((text) => parseAddress(text) ?? unparsable);
  };
};
