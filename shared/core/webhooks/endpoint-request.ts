import {
  type EndpointFilters,
  maxInFlightLimit,
  maxRateLimit,
} from '../../domain/webhooks/endpoint.ts';
import { type EndpointHeaders, validateHeaders } from '../../domain/webhooks/endpoint-headers.ts';
import { isSubscription, eventTypes as known } from '../../domain/webhooks/event-types.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';

/** Settings of a new endpoint; everything but the URL has a default. */
export interface EndpointRequest {
  url: string;
  name?: string;
  description?: string;
  /** Names or patterns; none: all types. */
  eventTypes?: readonly string[];
  filters?: EndpointFilters;
  headers?: EndpointHeaders;
  /** Attempts per second. */
  rateLimit?: number;
  maxInFlight?: number;
  ordered?: boolean;
}

/** Settings to change; `rateLimit: null` removes the limit. */
export type EndpointPatch = Partial<Omit<EndpointRequest, 'rateLimit'>> & {
  rateLimit?: number | null;
};

/** Validation error, with one sentence for the customer. */
export interface EndpointError {
  outcome: 'refused';
  field: 'url' | 'headers' | 'event_types' | 'rate_limit' | 'max_in_flight' | 'secret';
  code: string;
  message: string;
}

export const invalid = (
  field: EndpointError['field'],
  code: string,
  message: string,
): EndpointError => ({ outcome: 'refused', field, code, message });

const validateTypes = ({ eventTypes = [] }: EndpointPatch): EndpointError | undefined => {
  const unknown = eventTypes.find((pattern) => !isSubscription(pattern));
  return unknown === undefined
    ? undefined
    : invalid(
        'event_types',
        'unknown_event_type',
        `There is no event type that ${JSON.stringify(unknown.slice(0, 100))} means: there are ${known.join(', ')}, prefixes such as memory_*, and *.`,
      );
};

const validateLimits = ({ rateLimit, maxInFlight }: EndpointPatch): EndpointError | undefined => {
  if (typeof rateLimit === 'number' && !(rateLimit >= 0.001 && rateLimit <= maxRateLimit))
    return invalid(
      'rate_limit',
      'bad_rate_limit',
      `The rate limit is a number of attempts a second, 0.001 to ${maxRateLimit}.`,
    );
  const isWhole = maxInFlight === undefined || Number.isInteger(maxInFlight);
  if (isWhole && (maxInFlight ?? 1) >= 1 && (maxInFlight ?? 1) <= maxInFlightLimit)
    return undefined;
  return invalid(
    'max_in_flight',
    'bad_max_in_flight',
    `The attempts in flight are limited to a whole number, 1 to ${maxInFlightLimit}.`,
  );
};

const validateCustomHeaders = ({ headers }: EndpointPatch): EndpointError | undefined => {
  const result = headers && validateHeaders(headers);
  return result && !result.ok ? invalid('headers', result.code, result.message) : undefined;
};

/** Validates a URL as every attempt does again, since addresses change. Undefined when it is valid. */
export const validateUrl = async (
  { webhookClient }: Pick<WebhookPlatform, 'webhookClient'>,
  url: string | undefined,
): Promise<EndpointError | undefined> => {
  const checked = url === undefined ? undefined : await webhookClient.check(url);
  return checked && !checked.ok ? invalid('url', checked.code, checked.message) : undefined;
};

/** Returns the first error; undefined when the settings are valid. */
export const validateEndpoint = async (
  platform: Pick<WebhookPlatform, 'webhookClient'>,
  patch: EndpointPatch,
): Promise<EndpointError | undefined> =>
  validateTypes(patch) ??
  validateLimits(patch) ??
  validateCustomHeaders(patch) ??
  (await validateUrl(platform, patch.url));

/** Seals the values of custom headers, which are secrets of the customer: the API shows only their names. */
export const sealHeaders = async (
  { secretBox }: Pick<WebhookPlatform, 'secretBox'>,
  headers: EndpointHeaders,
  owner: { project: string; endpoint: string },
): Promise<{ headerNames: string[]; headers?: string }> => {
  const result = validateHeaders(headers);
  const folded = result.ok ? result.headers : {};
  const headerNames = Object.keys(folded);
  if (headerNames.length === 0) return { headerNames };
  return { headerNames, headers: await secretBox.seal(JSON.stringify(folded), owner) };
};
