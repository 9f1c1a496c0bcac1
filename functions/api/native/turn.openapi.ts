import * as z from 'zod';
import { Uuid, warnings } from '../http/answers.openapi.ts';
import { Event, EventReceipt } from './event.openapi.ts';

/** Headers of an add. */
export const addHeaders = {
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,255}$/)
    .optional()
    .meta({
      description:
        'For 24 hours the same request under this key answers with the same event; another request is a 409.',
    }),
};

const replayed = z.literal(true).optional().meta({
  description: 'The request repeats an earlier one; also the header Idempotent-Replayed.',
});

export const AcceptedTurn = z
  .object({ event_id: Uuid, status: z.literal('PENDING'), turn_id: Uuid, replayed, warnings })
  .meta({ id: 'AcceptedTurn' });

export const FinalEvent = z.union([
  Event.extend({ replayed, warnings }).meta({ id: 'FinalEvent' }),
  EventReceipt.extend({ replayed, warnings }).meta({ id: 'FinalEventReceipt' }),
]);
