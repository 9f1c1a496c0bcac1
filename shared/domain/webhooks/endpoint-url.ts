import { type AllowlistEntry, isAllowed } from './allowed-pair.ts';
import { type IpAddress, isPublic, parseAddress } from './ip-address.ts';

/** What the operator lets endpoints be. */
export interface EndpointPolicy {
  allow: readonly AllowlistEntry[];
  allowHttp: boolean;
  /** 443 and 8443 unless told otherwise. */
  ports?: readonly number[];
}

export type UrlError = { ok: false; code: UrlRefusalCode; message: string };
export type UrlRefusalCode = keyof typeof sentences | 'blocked_address';

/** Where an endpoint is, as far as its URL says. */
export interface Target {
  ok: true;
  url: URL;
  port: number;
  /** A name to resolve, or the address itself. */
  host: { name: string } | { address: IpAddress };
}

const maxUrlLength = 2_048;
const defaultPorts = [443, 8443];

const sentences = {
  url_too_long: `The URL must have at most ${maxUrlLength} characters.`,
  url_invalid: 'The URL must be an absolute URL such as https://example.com/hooks.',
  url_credentials: 'The URL must not hold a user name or password; use a custom header.',
  url_not_https: 'The URL must start with https://.',
  url_ip_literal: 'The URL must name a host, not an IP address.',
  url_port: 'The URL must not name another port than 443 or 8443.',
  url_private_name: 'The host name must be one of the public internet.',
};

const refuse = (code: keyof typeof sentences): UrlError => ({
  ok: false,
  code,
  message: sentences[code],
});

/** Of an attempt. */
export const blockedAddress: UrlError = {
  ok: false,
  code: 'blocked_address',
  message: 'The address is not one that webhooks are sent to.',
};

/** Of a registration. One refusal for a private name and one that is unknown: it says nothing of what is behind a name. */
export const noPublicAddress: UrlError = {
  ok: false,
  code: 'blocked_address',
  message: 'The host name of the URL cannot be resolved to a public address.',
};

const hostName = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;

/** Names that never are on the public internet, by their last label or for having only one. */
const privateName = /^[^.]*$|\.(localhost|local|internal|home\.arpa)$/;

/** The rule that every address is judged by, wherever it came from. */
export const mayReach = (address: IpAddress, port: number, policy: EndpointPolicy): boolean =>
  isPublic(address) || isAllowed(address, port, policy.allow);

const mayUsePort = (url: URL, port: number, { ports = defaultPorts }: EndpointPolicy): boolean =>
  ports.includes(port) || (url.protocol === 'http:' && port === 80);

const validateHost = (url: URL, port: number, policy: EndpointPolicy): Target | UrlError => {
  const name = url.hostname.replace(/\.$/, '');
  if (!hostName.test(name)) return refuse('url_invalid');
  if (url.protocol === 'http:' && !policy.allowHttp) return refuse('url_not_https');
  if (!mayUsePort(url, port, policy)) return refuse('url_port');
  if (privateName.test(name)) return refuse('url_private_name');
  return { ok: true, url, port, host: { name } };
};

/**
 * The rules a URL is held to before anything is looked up. The host is judged as the URL parser reads it, which folds
 * every spelling of an address into one.
 */
export const validateUrl = (text: string, policy: EndpointPolicy): Target | UrlError => {
  if (text.length > maxUrlLength) return refuse('url_too_long');
  const url = URL.parse(text);
  if (!url?.hostname) return refuse('url_invalid');
  if (url.href.length > maxUrlLength) return refuse('url_too_long');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('url_not_https');
  if (url.username !== '' || url.password !== '') return refuse('url_credentials');
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const address = parseAddress(url.hostname.replace(/^\[(.*)\]$/, '$1'));
  if (!address) return validateHost(url, port, policy);
  return isAllowed(address, port, policy.allow)
    ? { ok: true, url, port, host: { address } }
    : refuse('url_ip_literal');
};

/** As the URL parser reads it, which is what is posted to; the text itself where it is no URL. */
export const parsedUrl = (text: string): string => URL.parse(text)?.href ?? text;
