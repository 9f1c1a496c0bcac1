import {
  blockedAddress,
  type EndpointPolicy,
  mayReach,
  type Target,
  type UrlError,
  validateUrl,
} from '../../domain/webhooks/endpoint-url.ts';
import type { IpAddress } from '../../domain/webhooks/ip-address.ts';
import type { ResolveName } from './resolve-name.ts';

export interface SsrfGuard {
  /** The rules on the URL alone. */
  validate(url: string): Target | UrlError;
  /**
   * The addresses a target has at this moment, all of which may be reached; a refusal when any may not.
   * @throws AttemptFailure dns
   */
  addressesOf(target: Target, signal: AbortSignal): Promise<IpAddress[] | UrlError>;
  permits(address: IpAddress, port: number): boolean;
}

/** The one judge of where webhooks may go, for checking a URL and for every connection. */
export const createGuard = (policy: EndpointPolicy, resolveName: ResolveName): SsrfGuard => ({
  validate: (url) => validateUrl(url, policy),
  async addressesOf({ host, port }, signal) {
    const addresses = 'name' in host ? await resolveName(host.name, signal) : [host.address];
    return addresses.every((address) => mayReach(address, port, policy))
      ? addresses
      : blockedAddress;
  },
  permits: (address, port) => mayReach(address, port, policy),
});
