import type { Address } from '../../domain/address.ts';
import {
  blockedAddress,
  type EndpointPolicy,
  judgeUrl,
  mayReach,
  type Target,
  type UrlRefusal,
} from '../../domain/endpoint-url.ts';
import type { ResolveName } from './resolve-name.ts';

export interface Guard {
  /** The rules on the URL alone. */
  judge(url: string): Target | UrlRefusal;
  /**
   * The addresses a target has at this moment, all of which may be reached; a refusal when any may not.
   * @throws AttemptFailure dns
   */
  addressesOf(target: Target, signal: AbortSignal): Promise<Address[] | UrlRefusal>;
  permits(address: Address, port: number): boolean;
}

/** The one judge of where webhooks may go, for checking a URL and for every connection. */
export const createGuard = (policy: EndpointPolicy, resolveName: ResolveName): Guard => ({
  judge: (url) => judgeUrl(url, policy),
  async addressesOf({ host, port }, signal) {
    const addresses = 'name' in host ? await resolveName(host.name, signal) : [host.address];
    return addresses.every((address) => mayReach(address, port, policy))
      ? addresses
      : blockedAddress;
  },
  permits: (address, port) => mayReach(address, port, policy),
});
