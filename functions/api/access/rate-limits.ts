import type { Principal } from '../../../shared/domain/project.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { HttpError } from '../http/http-error.ts';
import { createTokenBuckets, type Rate, type TokenBuckets } from './token-buckets.ts';

/** Rate limits of an API key and of all keys of a project together. A missing rate means no limit. */
export interface Rates {
  key?: Rate | undefined;
  project?: Rate | undefined;
}

interface RateSettings {
  rateLimit: number;
  rateBurst: number;
  projectRateLimit: number;
  projectRateBurst: number;
}

const rateOf = (perSecond: number, burst: number): Rate | undefined =>
  perSecond === 0 ? undefined : { perSecond, burst };

export const ratesOf = (settings: RateSettings): Rates => ({
  key: rateOf(settings.rateLimit, settings.rateBurst),
  project: rateOf(settings.projectRateLimit, settings.projectRateBurst),
});

type Caller = Pick<Principal, 'key' | 'project'>;

interface Limit {
  name: 'key' | 'project';
  buckets: TokenBuckets;
}

/** Takes cost units from the token buckets of a key and of its project, and reports the remainder in headers. */
export interface RateLimits {
  /**
   * Takes units from both buckets, or from neither. A request that costs more than a full bucket takes a full one.
   * @param before units that the same request has already taken
   * @throws HttpError 429 rate_limited
   */
  take(caller: Caller, units: number, before?: number): void;
  /**
   * Returns the header `RateLimit` of draft-ietf-httpapi-ratelimit-headers-11: units left, and seconds until the bucket is
   * full. Undefined without limits.
   */
  state(caller: Caller): string | undefined;
}

/** Returns the seconds in which an empty bucket becomes full. */
const windowOf = ({ burst, perSecond }: Rate): number => Math.ceil(burst / perSecond);

const policyOf = ({ name, buckets: { rate } }: Limit): string =>
  `"${name}";q=${rate.burst};w=${windowOf(rate)}`;

const stateOf = ({ name, buckets }: Limit, caller: Caller): string => {
  const left = Math.max(0, Math.floor(buckets.left(caller[name])));
  return `"${name}";r=${left};t=${buckets.secondsUntil(caller[name], buckets.rate.burst)}`;
};

const statesOf = (limits: readonly Limit[], caller: Caller): string =>
  limits.map((limit) => stateOf(limit, caller)).join(', ');

/** Returns the headers that existing clients read: of earlier drafts with seconds to wait, and `X-` headers with a Unix time. */
const legacyHeaders = ({ buckets, name }: Limit, caller: Caller, units: number, now: number) => {
  const wait = Math.max(1, buckets.secondsUntil(caller[name], units));
  const max = String(buckets.rate.burst);
  const left = String(Math.max(0, Math.floor(buckets.left(caller[name]))));
  return {
    'Retry-After': String(wait),
    'RateLimit-Limit': max,
    'RateLimit-Remaining': left,
    'RateLimit-Reset': String(wait),
    'X-RateLimit-Limit': max,
    'X-RateLimit-Remaining': left,
    'X-RateLimit-Reset': String(Math.ceil(now / 1_000) + wait),
  };
};

const sentences = {
  key: 'This API key has spent its rate limit',
  project: 'The API keys of this project have together spent their rate limit',
};

const rateLimited = (
  limit: Limit,
  caller: Caller,
  units: number,
  now: number,
  fields: { readonly [name: string]: string },
): HttpError => {
  const legacy = legacyHeaders(limit, caller, units, now);
  const sentence = `${sentences[limit.name]}: wait ${legacy['Retry-After']} s.`;
  return new HttpError(429, 'rate_limited', sentence, { headers: { ...fields, ...legacy } });
};

export const createRateLimits = (rates: Rates, clock: Pick<Clock, 'now'>): RateLimits => {
  const limits = (['key', 'project'] as const).flatMap((name): Limit[] => {
    const rate = rates[name];
    return rate ? [{ name, buckets: createTokenBuckets(rate, clock) }] : [];
  });
  const policy = limits.map(policyOf).join(', ');

  return {
    take(caller, units, before = 0) {
      const partOf = ({ rate }: TokenBuckets): number =>
        Math.max(0, Math.min(units, rate.burst - before));
      for (const limit of limits) {
        const { name, buckets } = limit;
        // The wait covers all units of the request, since a retry pays them again.
        if (buckets.secondsUntil(caller[name], partOf(buckets)) > 0)
          throw rateLimited(limit, caller, before + units, clock.now(), {
            'RateLimit-Policy': policy,
            RateLimit: statesOf(limits, caller),
          });
      }
      for (const { name, buckets } of limits) buckets.take(caller[name], partOf(buckets));
    },
    state: (caller) => (limits.length === 0 ? undefined : statesOf(limits, caller)),
  };
};
