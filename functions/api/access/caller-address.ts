import {
  formatAddress,
  type IpAddress,
  parseAddress,
} from '../../../shared/domain/webhooks/ip-address.ts';

/** Removes a port, and the brackets around an IPv6 address with a port. */
const withoutPort = (text: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

const networkBits = 64n;

/** Reduces an IPv6 address to its /64 network, since a caller with one address usually has the whole network. */
const networkOf = ({ family, value }: IpAddress): IpAddress =>
  family === 4 ? { family, value } : { family, value: (value >> networkBits) << networkBits };

const normalize = (text: string): string | undefined => {
  const address = parseAddress(withoutPort(text.trim()));
  return address && formatAddress(networkOf(address));
};

/** Maximum number of cached addresses. */
export const maxCachedAddresses = 1_000;
/** Longest text that is cached; no address is longer, and headers of callers must not fill the memory. */
const maxCachedLength = 64;

/**
 * Caches normalized addresses, since most requests come from few addresses. When full, the address that was added first is
 * dropped (FIFO).
 * @param compute called for texts that are not cached
 */
export const createAddressCache = (compute: (text: string) => string | undefined) => {
  const cache = new Map<string, string | undefined>();
  return (text: string): string | undefined => {
    const cached = cache.get(text);
    if (cached !== undefined || cache.has(text)) return cached;
    const address = compute(text);
    if (text.length > maxCachedLength) return address;
    const [oldest] = cache.keys();
    if (cache.size >= maxCachedAddresses && oldest !== undefined) cache.delete(oldest);
    cache.set(text, address);
    return address;
  };
};

const cachedAddress = createAddressCache(normalize);

const addressFrom = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : cachedAddress(text);

/**
 * Returns the address that a request is counted by: for IPv6 its /64 network. Undefined if the address is unknown.
 *
 * @param peer address of the other end of the connection
 * @param forwarded value of `X-Forwarded-For`, to which each proxy appends the address that called it
 * @param hops number of trusted proxies; header entries beyond them may be forged by the caller and are ignored
 */
export const callerAddress = (
  peer: string | undefined,
  forwarded: string | undefined,
  hops: number,
): string | undefined => {
  const chain = hops === 0 ? [] : (forwarded ?? '').split(',').slice(-hops);
  return (chain.length === hops ? addressFrom(chain[0]) : undefined) ?? addressFrom(peer) ?? peer;
};
