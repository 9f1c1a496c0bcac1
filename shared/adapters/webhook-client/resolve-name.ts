import { Resolver } from 'node:dns/promises';
import { type IpAddress, parseAddress } from '../../domain/webhooks/ip-address.ts';
import { AttemptFailure, dnsFailure } from './failure.ts';

const capMs = 2_500;
const queryTimeoutMs = 1_000;

/** Rejects once `signal` aborts. */
export type ResolveName = (name: string, signal: AbortSignal) => Promise<IpAddress[]>;

const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  let giveUp = (): void => {};
  const late = new Promise<never>((_, reject) => {
    giveUp = () => reject(new AttemptFailure('dns', 'The host name was not resolved in time.'));
  });
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
};

/** What cannot be read as an address is one that nothing may reach. */
const unreadable: IpAddress = { family: 4, value: 0n };

/**
 * Every address of a name, IPv4 first, asked of the name servers themselves: no hosts file, no search list, no thread
 * of the pool that a slow server could hold.
 * @throws AttemptFailure dns
 */
export const createResolveName = (servers?: readonly string[]): ResolveName => {
  const resolver = new Resolver({ timeout: queryTimeoutMs, tries: 2 });
  if (servers?.length) resolver.setServers(servers);

  return async (name, signal) => {
    const both = Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(capMs)]);
    const answers = await unlessAborted(both, bounded);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failed = answers.find((answer) => answer.status === 'rejected');
    if (found.length === 0) throw dnsFailure(failed?.reason);
    return found.map((text) => parseAddress(text) ?? unreadable);
  };
};
