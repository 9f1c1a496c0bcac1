import {
  type EndpointFilters,
  maxInFlightLimit,
  maxRateLimit,
} from '../../domain/webhooks/endpoint.ts';
import { type EndpointHeaders, validateHeaders } from '../../domain/webhooks/endpoint-headers.ts';
import { isSubscription } from '../../domain/webhooks/event-types.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';

/** What a customer asks for; all but the URL has a default. */
export interface EndpointRequest {
  url: string;
  name?: string;
  description?: string;
  /** Names or patterns; none at all: everything. */
  eventTypes?: readonly string[];
  filters?: EndpointFilters;
  headers?: EndpointHeaders;
  /** Attempts a second. */
  rateLimit?: number;
  maxInFlight?: number;
  ordered?: boolean;
}

/** What is to be different; `null`: no limit any more. */
export type EndpointPatch = Partial<Omit<EndpointRequest, 'rateLimit'>> & {
  rateLimit?: number | null;
};

/** Why a request is not granted, in one sentence for whoever made it. */
export interface EndpointError {
  outcome: 'refused';
  field: 'url' | 'headers' | 'event_types' | 'rate_limit' | 'max_in_flight' | 'secret';
  code: string;
  message: string;
}

export const refuse = (
  field: EndpointError['field'],
  code: string,
  message: string,
): EndpointError => ({ outcome: 'refused', field, code, message });

const validateTypes = ({ eventTypes = [] }: EndpointPatch): EndpointError | undefined => {
  const unknown = eventTypes.find((pattern) => !isSubscription(pattern));
  return unknown === undefined
    ? undefined
    : refuse(
        'event_types',
        'unknown_event_type',
        `There is no event type that ${JSON.stringify(unknown.slice(0, 100))} means.`,
      );
};

const validateLimits = ({ rateLimit, maxInFlight }: EndpointPatch): EndpointError | undefined => {
  if (typeof rateLimit === 'number' && !(rateLimit >= 0.001 && rateLimit <= maxRateLimit))
    return refuse(
      'rate_limit',
      'bad_rate_limit',
      `The rate limit is a number of attempts a second, 0.001 to ${maxRateLimit}.`,
    );
  const isWhole = maxInFlight === undefined || Number.isInteger(maxInFlight);
  if (isWhole && (maxInFlight ?? 1) >= 1 && (maxInFlight ?? 1) <= maxInFlightLimit)
    return undefined;
  return refuse(
    'max_in_flight',
    'bad_max_in_flight',
    `The attempts in flight are limited to a whole number, 1 to ${maxInFlightLimit}.`,
  );
};

const headersError = ({ headers }: EndpointPatch): EndpointError | undefined => {
  const judged = headers && validateHeaders(headers);
  return judged && !judged.ok ? refuse('headers', judged.code, judged.message) : undefined;
};

/** Judged anew here, and then at every attempt, by the same rules. */
export const validateUrl = async (
  { outbound }: Pick<WebhookPlatform, 'outbound'>,
  url: string | undefined,
): Promise<EndpointError | undefined> => {
  const checked = url === undefined ? undefined : await outbound.check(url);
  return checked && !checked.ok ? refuse('url', checked.code, checked.message) : undefined;
};

/** The first rule that what is asked for breaks. */
export const validateEndpoint = async (
  platform: Pick<WebhookPlatform, 'outbound'>,
  asked: EndpointPatch,
): Promise<EndpointError | undefined> =>
  validateTypes(asked) ??
  validateLimits(asked) ??
  headersError(asked) ??
  (await validateUrl(platform, asked.url));

/** Header values are secrets of the customer: only their names can be read again. */
export const sealHeaders = async (
  { secretBox }: Pick<WebhookPlatform, 'secretBox'>,
  headers: EndpointHeaders,
  owner: { project: string; endpoint: string },
): Promise<{ headerNames: string[]; headers?: string }> => {
  const judged = validateHeaders(headers);
  const folded = judged.ok ? judged.headers : {};
  const headerNames = Object.keys(folded);
  if (headerNames.length === 0) return { headerNames };
  return { headerNames, headers: await secretBox.seal(JSON.stringify(folded), owner) };
};
