import {
  formatAddress,
  type IpAddress,
  parseAddress,
} from '../../../shared/domain/webhooks/ip-address.ts';

/** Without a port and without the brackets that a port takes. */
const bare = (text: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

const networkBits = 64n;

/** Whoever has one IPv6 address has the other 2^64 of its network, too. */
const networkOf = ({ family, value }: IpAddress): IpAddress =>
  family === 4 ? { family, value } : { family, value: (value >> networkBits) << networkBits };

const spelling = (text: string | undefined): string | undefined => {
  const address = text === undefined ? undefined : parseAddress(bare(text.trim()));
  return address && formatAddress(networkOf(address));
};

/**
 * The address that a request is counted under, an IPv6 one by its network of 64 bits. Undefined when it is not known.
 *
 * @param peer the other end of the connection
 * @param forwarded the value of `X-Forwarded-For`, to which each proxy appends the address that it was called from
 * @param hops proxies that are known to stand in front; what the header says beyond them is the caller's own invention
 */
export const callerAddress = (
  peer: string | undefined,
  forwarded: string | undefined,
  hops: number,
): string | undefined => {
  const chain = hops === 0 ? [] : (forwarded ?? '').split(',').slice(-hops);
  return (chain.length === hops ? spelling(chain[0]) : undefined) ?? spelling(peer) ?? peer;
};
