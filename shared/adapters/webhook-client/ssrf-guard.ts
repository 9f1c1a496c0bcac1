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
  /** Validates a URL without DNS. */
  validate(url: string): Target | UrlError;
  /**
   * Resolves the addresses of a target; an error if any of them is not allowed.
   *
   * @throws TransportFailure dns
   */
  addressesOf(target: Target, signal: AbortSignal): Promise<IpAddress[] | UrlError>;
  isAllowed(address: IpAddress, port: number): boolean;
}

/** Creates the guard against SSRF. The same rules apply at registration of a URL and to every new connection. */
export const createSsrfGuard = (policy: EndpointPolicy, resolveName: ResolveName): SsrfGuard => ({
  validate: (url) => validateUrl(url, policy),
  async addressesOf({ host, port }, signal) {
    const addresses = 'name' in host ? await resolveName(host.name, signal) : [host.address];
    return addresses.every((address) => mayReach(address, port, policy))
      ? addresses
      : blockedAddress;
  },
  isAllowed: (address, port) => mayReach(address, port, policy),
});
