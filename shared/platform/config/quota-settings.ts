import { describe, wholeNumber } from './setting.ts';

/** How many of what costs the service something lasting a project may have. */
export const quotaSettings = {
  maxEndpoints: wholeNumber(1, 5_000, 'a number of endpoints, 1 to 5000').register(describe, {
    name: 'TURNSTONE_MAX_ENDPOINTS',
    fallback: '300',
    meaning: 'Endpoints of a project; one more is refused (409).',
  }),
  maxRecoveries: wholeNumber(1, 1_000, 'a number of recoveries, 1 to 1000').register(describe, {
    name: 'TURNSTONE_MAX_RECOVERIES',
    fallback: '10',
    meaning: 'Recoveries of a project that run at once; one more is refused (429).',
  }),
  maxJobs: wholeNumber(1, 1_000, 'a number of jobs, 1 to 1000').register(describe, {
    name: 'TURNSTONE_MAX_JOBS',
    fallback: '100',
    meaning: 'Delete-alls of a project that run at once; one more is refused (429).',
  }),
};
