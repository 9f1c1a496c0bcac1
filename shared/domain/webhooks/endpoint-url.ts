import { type AllowlistEntry, isAllowlisted } from './allowlist.ts';
import { type IpAddress, isPublic, parseAddress } from './ip-address.ts';

/** Operator's rules for endpoint URLs. */
export interface EndpointPolicy {
  allow: readonly AllowlistEntry[];
  allowHttp: boolean;
  /** Default: 443 and 8443. */
  ports?: readonly number[];
}

export type UrlError = { ok: false; code: UrlRefusalCode; message: string };
export type UrlRefusalCode = keyof typeof messages | 'blocked_address';

/** Parsed URL of an endpoint, before its host is resolved. */
export interface Target {
  ok: true;
  url: URL;
  port: number;
  /** Name to resolve, or an address. */
  host: { name: string } | { address: IpAddress };
}

/** URL of the inspector of a service. The name is reserved (RFC 2606), so that no other receiver ever has it. */
export const inspectorUrl = 'https://inspector.invalid/';

const maxUrlLength = 2_048;
const defaultPorts = [443, 8443];

const forDevelopment =
  'For development, use an address such as http://127.0.0.1:3000 that TURNSTONE_WEBHOOK_ALLOW of the service allows.';

const messages = {
  url_too_long: `The URL must have at most ${maxUrlLength} characters.`,
  url_invalid: 'The URL must be an absolute URL such as https://example.com/hooks.',
  url_credentials: 'The URL must not hold a user name or password; use a custom header.',
  url_not_https: 'The URL must start with https://.',
  url_ip_literal:
    'The URL must name a host, not an IP address; for development, TURNSTONE_WEBHOOK_ALLOW of the service allows addresses such as 127.0.0.1:3000.',
  url_port: 'The URL must not name another port than 443 or 8443.',
  url_private_name: `The host name must be one of the public internet. ${forDevelopment}`,
};

const invalid = (code: keyof typeof messages): UrlError => ({
  ok: false,
  code,
  message: messages[code],
});

/** Error of an attempt. */
export const blockedAddress: UrlError = {
  ok: false,
  code: 'blocked_address',
  message: 'The address is not one that webhooks are sent to.',
};

/** Error of a registration. The same for private and unknown names, so that it reveals nothing of a private network. */
export const noPublicAddress: UrlError = {
  ok: false,
  code: 'blocked_address',
  message: 'The host name of the URL cannot be resolved to a public address.',
};

const hostName = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** Names that are never public: by their last label, or because they have only one label. */
const privateName = /^[^.]*$|\.(localhost|local|internal|home\.arpa)$/;

/** Whether webhooks may be sent to an address. */
export const mayReach = (address: IpAddress, port: number, policy: EndpointPolicy): boolean =>
  isPublic(address) || isAllowlisted(address, port, policy.allow);

const mayUsePort = (url: URL, port: number, { ports = defaultPorts }: EndpointPolicy): boolean =>
  ports.includes(port) || (url.protocol === 'http:' && port === 80);

const validateHost = (url: URL, port: number, policy: EndpointPolicy): Target | UrlError => {
  const name = url.hostname.replace(/\.$/, '');
  if (!hostName.test(name)) return invalid('url_invalid');
  const isPrivate = privateName.test(name);
  const refused = (code: 'url_not_https' | 'url_port'): UrlError =>
    isPrivate ? { ok: false, code, message: `${messages[code]} ${forDevelopment}` } : invalid(code);
  if (url.protocol === 'http:' && !policy.allowHttp) return refused('url_not_https');
  if (!mayUsePort(url, port, policy)) return refused('url_port');
  if (isPrivate) return invalid('url_private_name');
  return { ok: true, url, port, host: { name } };
};

/**
 * Validates a URL before its host is resolved. The host is taken as the URL parser normalises it, which maps every spelling
 * of an address to one.
 */
export const validateUrl = (text: string, policy: EndpointPolicy): Target | UrlError => {
  if (text.length > maxUrlLength) return invalid('url_too_long');
  const url = URL.parse(text);
  if (!url?.hostname) return invalid('url_invalid');
  if (url.href.length > maxUrlLength) return invalid('url_too_long');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return invalid('url_not_https');
  if (url.username !== '' || url.password !== '') return invalid('url_credentials');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const address = parseAddress(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (!address) return validateHost(url, port, policy);
  return isAllowlisted(address, port, policy.allow)
    ? { ok: true, url, port, host: { address } }
    : invalid('url_ip_literal');
};

/** The URL as the parser normalises it, which is where requests are sent; the text itself when it is not a URL. */
export const parsedUrl = (text: string): string => URL.parse(text)?.href ?? text;
