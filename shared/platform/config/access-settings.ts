import { describe, httpUrl, wholeNumber } from './setting.ts';

const rate = wholeNumber(0, 1e9, 'cost units, 0 to 1000000000');
const burst = wholeNumber(1, 1e9, 'cost units, 1 to 1000000000');

/** Who may call, how often, and how they find it. */
export const accessSettings = {
  publicUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_PUBLIC_URL',
    description:
      'URL that callers reach the service under; `next` links begin with it, else they are relative.',
  }),
  rateLimit: rate.clone().register(describe, {
    name: 'TURNSTONE_RATE_LIMIT',
    fallback: '1000',
    description:
      'Cost units per second of an API key, above which it is answered 429; `0` for no limit. On AWS each function instance counts for itself.',
  }),
  rateBurst: burst.clone().register(describe, {
    name: 'TURNSTONE_RATE_BURST',
    fallback: '5000',
    description: 'Cost units that a key may spend at once all the same.',
  }),
  projectRateLimit: rate.clone().register(describe, {
    name: 'TURNSTONE_PROJECT_RATE_LIMIT',
    fallback: '5000',
    description: 'Cost units per second of all keys of a project together; `0` for no limit.',
  }),
  projectRateBurst: burst.clone().register(describe, {
    name: 'TURNSTONE_PROJECT_RATE_BURST',
    fallback: '25000',
    description: 'Cost units that they may spend at once.',
  }),
  wrongKeysPerMinute: wholeNumber(0, 1e6, 'a whole number, 0 to 1000000').register(describe, {
    name: 'TURNSTONE_WRONG_KEYS_PER_MINUTE',
    fallback: '60',
    description:
      'Wrong API keys that an address may send per minute; then keys that were never right before are answered 429 without a look at the store. `0` for no limit.',
  }),
  trustProxy: wholeNumber(0, 10, 'a whole number, 0 to 10').register(describe, {
    name: 'TURNSTONE_TRUST_PROXY',
    fallback: '0',
    description:
      'Proxies in front whose `X-Forwarded-For` is believed; `0`: the address of a caller is that of the connection. On AWS those in front of the HTTP API.',
  }),
};

/** How many of what costs the service something lasting a project may have. */
export const quotaSettings = {
  maxEndpoints: wholeNumber(1, 5_000, 'a number of endpoints, 1 to 5000').register(describe, {
    name: 'TURNSTONE_MAX_ENDPOINTS',
    fallback: '300',
    description: 'Endpoints of a project; one more is refused (409).',
  }),
  maxRecoveries: wholeNumber(1, 1_000, 'a number of recoveries, 1 to 1000').register(describe, {
    name: 'TURNSTONE_MAX_RECOVERIES',
    fallback: '10',
    description: 'Recoveries of a project that run at once; one more is refused (429).',
  }),
  maxJobs: wholeNumber(1, 1_000, 'a number of jobs, 1 to 1000').register(describe, {
    name: 'TURNSTONE_MAX_JOBS',
    fallback: '100',
    description: 'Delete-alls of a project that run at once; one more is refused (429).',
  }),
};
