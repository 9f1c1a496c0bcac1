import * as z from 'zod';
import { Failure } from '../http/answers.openapi.ts';
import { Event } from '../native/event.openapi.ts';

/** An event as clients of this surface poll it. */
export const PolledEvent = Event.extend({
  status: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED']),
  error: z.string().nullable(),
  error_detail: Failure.nullable(),
  reason: z
    .string()
    .optional()
    .meta({ description: 'Why nothing was learnt, and what of the attachments was not read.' }),
}).meta({ id: 'PolledEvent' });
