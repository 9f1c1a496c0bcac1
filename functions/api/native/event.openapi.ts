import * as z from 'zod';
import { eventKinds } from '../../../shared/domain/memory/event.ts';
import { sensitiveKinds } from '../../../shared/domain/sensitive/sensitive.ts';
import { suspicions } from '../../../shared/domain/sensitive/suspicious.ts';
import { deliveryStatuses } from '../../../shared/domain/webhooks/delivery.ts';
import {
  AnyMetadata,
  AttachmentOutcomes,
  DeliveryId,
  EndpointId,
  entityFields,
  Failure,
  MemoryId,
  StoredMessage,
  Time,
  Uuid,
} from '../http/answers.openapi.ts';

const EventStatus = z
  .enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'])
  .meta({ id: 'EventStatus' });

const ChangeType = z
  .enum(['ADD', 'UPDATE', 'DELETE', 'NONE'])
  .meta({ id: 'ChangeType', description: '`NONE` has the reason why no memory changed.' });

const Stage = z
  .enum(['queued', 'reading', 'deciding', 'planned', 'applied', 'deleting', 'deriving', 'finished'])
  .meta({ id: 'EventStage', description: 'Progress while `RUNNING`.' });

const EventKind = z.enum(eventKinds).meta({
  id: 'EventKind',
  description:
    '`UPDATE`, `DELETE`, `REPLACE` and `SEARCH` report one request, which was done when it was answered.',
});

const Waiting = z.enum(['model', 'budget']).nullable();

const EventResult = z
  .object({
    id: MemoryId.nullable(),
    event: ChangeType,
    memory: z.string().nullable(),
    data: z.object({ memory: z.string().nullable() }),
    previous_memory: z.string().optional(),
    reason: z.string().optional(),
    ...entityFields,
  })
  .meta({ id: 'EventResult' });

const Payload = z
  .object({
    messages: z.array(StoredMessage),
    user_id: z.string().optional(),
    agent_id: z.string().optional(),
    app_id: z.string().optional(),
    run_id: z.string().optional(),
    metadata: AnyMetadata,
  })
  .meta({ id: 'EventPayload', description: 'The turn, as long as it is kept.' });

const milliseconds = z.number().optional();

const state = z
  .enum(['waiting', 'running', 'done', 'failed', 'skipped'])
  .meta({ id: 'StageState', description: '`skipped`: there was nothing to do.' });
const at = Time.nullable();

const Stages = z
  .object({
    accepted: z.object({ state, at: Time }),
    queued: z.object({
      state,
      at: at.meta({ description: 'When the last attempt began.' }),
      ms: z.number().nullable(),
    }),
    model: z.object({ state, ms: z.number().nullable() }),
    applied: z.object({ state, at }),
    indexed: z
      .object({
        state,
        at: at.meta({
          description: 'When the index first showed all of it; null once a part was written again.',
        }),
        memories: z.int(),
        waiting: z.int().meta({ description: 'Of the first 100 memories.' }),
      })
      .meta({ description: 'Of an add or an edit. Searches find the memories before.' }),
    notified: z
      .object({
        state,
        at: at.meta({ description: 'When the last delivery ended.' }),
        succeeded: z.int(),
        waiting: z.int(),
        failed: z.int(),
        cancelled: z.int(),
        deliveries: z.array(
          z.object({
            id: DeliveryId,
            endpoint_id: EndpointId,
            event_type: z.string(),
            status: z.enum(deliveryStatuses),
          }),
        ),
        truncated: z.literal(true).optional(),
      })
      .meta({
        description:
          'Webhooks about the event and its first 10 memories; `truncated` if there may be more.',
      }),
  })
  .meta({ id: 'EventStages', description: 'With `stages=true`.' });

export const Event = z
  .object({
    id: Uuid,
    event_id: Uuid,
    event_type: EventKind,
    status: EventStatus,
    stage: Stage,
    payload: Payload.nullable(),
    metadata: AnyMetadata.nullable(),
    results: z.array(EventResult),
    ...entityFields,
    turn_id: Uuid.nullable(),
    waiting_for: Waiting,
    attempts: z.int(),
    timings: z.object({
      retrieve: milliseconds,
      model: milliseconds,
      embed: milliseconds,
    }),
    tokens: z.object({ prompt: z.int(), completion: z.int() }),
    model: z.string().nullable(),
    prompt_version: z
      .string()
      .nullable()
      .meta({ description: 'Version of the prompt by which the model was asked; null for rules.' }),
    ignored: z
      .array(z.string())
      .optional()
      .meta({ description: 'Options of the add or its project that the model does not follow.' }),
    redacted: z
      .array(z.object({ kind: z.enum(sensitiveKinds), count: z.int() }))
      .optional()
      .meta({ description: 'How many values were masked or dropped in the texts, by kind.' }),
    suspicious: z.array(z.enum(suspicions)).optional().meta({
      description: 'Signs that the texts try to poison memories. They are kept all the same.',
    }),
    attachments: AttachmentOutcomes.optional(),
    skipped: z
      .array(z.string())
      .optional()
      .meta({ description: 'Parts of the add of which nothing is remembered, and why.' }),
    counts: z.object({ memories: z.int(), turns: z.int() }).nullable(),
    error: Failure.nullable(),
    created_at: Time,
    updated_at: Time,
    started_at: Time.nullable(),
    completed_at: Time.nullable(),
    latency: z
      .number()
      .nullable()
      .meta({ description: 'Milliseconds from acceptance to the end.' }),
    graph_status: z.null(),
    stages: Stages.optional(),
  })
  .meta({ id: 'Event' });

/** The event for a key without the permission to read. */
export const EventReceipt = Event.pick({
  id: true,
  event_id: true,
  event_type: true,
  status: true,
  stage: true,
  waiting_for: true,
  turn_id: true,
})
  .extend({
    results: z.array(z.object({ id: MemoryId.nullable(), event: ChangeType })),
    error: z.object({ code: z.string(), retryable: z.boolean() }).nullable(),
  })
  .meta({ id: 'EventReceipt', description: 'The event for a key without `read`: no texts.' });

export const EventOrReceipt = z.union([Event, EventReceipt]);

/** An event of a page; `truncated` if its texts are left out. */
export const EventOfPage = Event.omit({ stages: true })
  .extend({
    error: z.string().nullable(),
    error_detail: Failure.nullable(),
    truncated: z.literal(true).optional(),
  })
  .meta({
    id: 'EventOfPage',
  });

/** Frames of the stream. */
export const EventStream = z.string().meta({
  description:
    'Frames of server-sent events: `stage`, whose data has the ids, type, status, stage, attempts, `error` and times of an event, and `reset`.',
});

export const LastEventId = z.string().optional().meta({
  description: 'The `id` of the last frame that was read: the stream goes on after it.',
});
