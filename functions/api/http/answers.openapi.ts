import * as z from 'zod';
import { roles } from '../../../shared/domain/memory/turn.ts';

/** Time of a response. */
export const Time = z.iso.datetime();

export const Uuid = z.uuid();

export const EventId = z.uuid().meta({ description: 'Id of the event.' });

/** Id of a memory, of a message of a turn, or of an earlier version of a memory. */
export const MemoryId = z.string().meta({
  description:
    'A UUID; `<turn>.m<position>` for a message; `<memory>.v<version>` for an earlier version.',
});

export const EndpointId = z
  .string()
  .regex(/^whe_[0-9a-f]{32}$/)
  .meta({ description: 'Id of the endpoint.' });
export const RecoveryId = z
  .string()
  .regex(/^rcv_[0-9a-f]{32}$/)
  .meta({ description: 'Id of the recovery.' });
export const DeliveryId = z
  .string()
  .regex(/^dlv_[0-9a-f]{32}_[0-9a-f]{32}$/)
  .meta({ description: 'Id of the delivery.' });

/** Fields for the entities of a stored item. */
export const entityFields = {
  user_id: z.string().nullable(),
  agent_id: z.string().nullable(),
  app_id: z.string().nullable(),
  run_id: z.string().nullable(),
};

export const AnyMetadata = z.looseObject({}).meta({ description: 'Any JSON object.' });

export const StoredMessage = z
  .object({
    role: z.enum(roles),
    content: z.string(),
    name: z.string().optional(),
    attachments: z
      .array(z.object({ type: z.string(), url: z.string(), name: z.string().optional() }))
      .optional(),
    time: z.string().optional().meta({ description: 'When it was said, as given.' }),
  })
  .meta({ id: 'StoredMessage' });

/** Reason of a failed event or turn. */
export const Failure = z
  .object({ code: z.string(), message: z.string(), retryable: z.boolean() })
  .meta({ id: 'Failure' });

/** Body of every error. */
export const ErrorBody = z
  .looseObject({
    code: z.string().meta({ description: 'Stable; made for programs.' }),
    detail: z.string().meta({ description: 'One sentence, also under `error` and `message`.' }),
    error: z.string(),
    message: z.string(),
    field: z.string().optional().meta({ description: 'Part of the request that was refused.' }),
  })
  .meta({ id: 'Error' });

/** A page by number. */
export const pageSchema = <S extends z.ZodType>(entry: S) =>
  z.object({
    count: z.int().meta({ description: 'Entries of all pages.' }),
    next: z.string().nullable().meta({ description: 'Link to the next page; null at the end.' }),
    previous: z.string().nullable(),
    page_size: z.int().optional().meta({ description: 'Size of the page, if it was reduced.' }),
    results: z.array(entry),
  });

/** A page by cursor. */
export const cursorPageSchema = <S extends z.ZodType>(entry: S) =>
  z.object({
    results: z.array(entry),
    cursor: z.string().nullable().meta({ description: 'For `after` of the next request.' }),
    next: z.string().nullable().meta({ description: 'Link to the next page; null at the end.' }),
  });

export const AttachmentOutcomes = z
  .array(
    z.object({
      part: z.int(),
      type: z.string(),
      status: z.enum(['pending', 'read', 'kept', 'failed']),
      reason: z.string().optional(),
    }),
  )
  .meta({ description: 'What became of each attachment of the turn.' });

/** Schema of `warnings` in a response. */
export const warnings = z.array(z.string()).optional().meta({
  description:
    'Fields of the body that the route does not have, and that had no effect; at most ten.',
});
