import { describe, httpUrl, wholeNumber } from './setting.ts';

const rate = wholeNumber(0, 1e9, 'cost units, 0 to 1000000000');
const burst = wholeNumber(1, 1e9, 'cost units, 1 to 1000000000');

/** Public URL, rate limits and trusted proxies. */
export const accessSettings = {
  publicUrl: httpUrl.optional().register(describe, {
    name: 'TURNSTONE_PUBLIC_URL',
    description:
      'Public URL of the service, put before `next` links; without it they are relative.',
  }),
  rateLimit: rate.clone().register(describe, {
    name: 'TURNSTONE_RATE_LIMIT',
    fallback: '1000',
    description:
      'Cost units per second of an API key; above that, requests get 429. `0` for no limit. On AWS each function instance counts separately.',
  }),
  rateBurst: burst.clone().register(describe, {
    name: 'TURNSTONE_RATE_BURST',
    fallback: '5000',
    description: 'Burst of an API key: cost units that it may spend at once.',
  }),
  projectRateLimit: rate.clone().register(describe, {
    name: 'TURNSTONE_PROJECT_RATE_LIMIT',
    fallback: '5000',
    description: 'Cost units per second of all API keys of a project together; `0` for no limit.',
  }),
  projectRateBurst: burst.clone().register(describe, {
    name: 'TURNSTONE_PROJECT_RATE_BURST',
    fallback: '25000',
    description: 'Burst of a project: cost units that all its keys together may spend at once.',
  }),
  wrongKeysPerMinute: wholeNumber(0, 1e6, 'a whole number, 0 to 1000000').register(describe, {
    name: 'TURNSTONE_WRONG_KEYS_PER_MINUTE',
    fallback: '60',
    description:
      'Invalid API keys per minute that one address may send; above that, requests from it get 429, unless this process has already seen their key to be valid. `0` for no limit.',
  }),
  trustProxy: wholeNumber(0, 10, 'a whole number, 0 to 10').register(describe, {
    name: 'TURNSTONE_TRUST_PROXY',
    fallback: '0',
    description:
      'Number of trusted proxies in front of the service (on AWS, of the HTTP API) that append to `X-Forwarded-For`; `0` uses the address of the connection.',
  }),
};

/** Quotas of a project for resources that cost the service something permanently. */
export const quotaSettings = {
  maxEndpoints: wholeNumber(1, 5_000, 'a number of endpoints, 1 to 5000').register(describe, {
    name: 'TURNSTONE_MAX_ENDPOINTS',
    fallback: '300',
    description: 'Webhook endpoints of a project; another is rejected with 409.',
  }),
  maxRecoveries: wholeNumber(1, 1_000, 'a number of recoveries, 1 to 1000').register(describe, {
    name: 'TURNSTONE_MAX_RECOVERIES',
    fallback: '10',
    description: 'Recoveries of a project that run at once; another is rejected with 429.',
  }),
  maxJobs: wholeNumber(1, 1_000, 'a number of jobs, 1 to 1000').register(describe, {
    name: 'TURNSTONE_MAX_JOBS',
    fallback: '100',
    description: 'Delete-all jobs of a project that run at once; another is rejected with 429.',
  }),
};
