import * as z from 'zod';
import { describe, list, wholeNumber } from './setting.ts';

/** How refinement tries again, waits for the language model, and how much of it runs at once. */
export const refineSettings = {
  refineSchedule: list
    .pipe(
      z
        .array(wholeNumber(0, 86_400, 'seconds, 0 to 86400 each'))
        .min(1, 'at least one number')
        .max(50, 'at most 50 numbers'),
    )
    .register(describe, {
      name: 'TURNSTONE_REFINE_SCHEDULE',
      fallback: '1,5,30,120,600,1800,3600',
      meaning: 'Seconds between tries of a refinement; after the last one its event is FAILED.',
    }),
  modelGiveUpHours: wholeNumber(1, 8_760, 'hours, 1 to 8760').register(describe, {
    name: 'TURNSTONE_MODEL_GIVE_UP_HOURS',
    fallback: '72',
    meaning:
      'Hours that a turn waits for a language model that cannot be used; then its event is FAILED with `model_unavailable`.',
  }),
  modelConcurrency: wholeNumber(1, 256, 'a number of calls, 1 to 256').register(describe, {
    name: 'TURNSTONE_MODEL_CONCURRENCY',
    fallback: '8',
    meaning:
      'Calls of the language model at once, shared out fairly between projects and users; on AWS the number of workers decides.',
  }),
};
