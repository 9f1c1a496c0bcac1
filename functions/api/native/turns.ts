import * as z from 'zod';
import { waitForEvent } from '../../../shared/core/events.ts';
import { isFinal } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { acceptTurn } from '../http/accept-turn.ts';
import { entitiesFrom, entityIdFields } from '../http/entity-ids.ts';
import { Instant } from '../http/instant.ts';
import { mayRead } from '../http/may-read.ts';
import { Messages } from '../http/messages.ts';
import { Metadata } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { processingFields, processingFrom } from '../http/processing-fields.ts';
import { createRoutes } from '../http/routes.ts';
import { warningsOf } from '../http/warnings.ts';
import { describe } from '../openapi/describe.ts';
import { eventReceipt } from './event-body.ts';
import { maxWaitMs, readableBody } from './events.ts';
import { AcceptedTurn, addHeaders, FinalEvent } from './turn.openapi.ts';

const TurnBody = z
  .object({
    messages: Messages,
    ...entityIdFields,
    metadata: Metadata.nullish(),
    timestamp: Instant.nullish(),
    infer: z.boolean().nullish(),
    async: z.boolean().nullish(),
    dedupe: z.boolean().nullish(),
    ...processingFields,
  })
  .transform(({ messages, metadata, timestamp, infer, async, dedupe, ...rest }) => ({
    entities: entitiesFrom(rest),
    messages,
    metadata: metadata ?? {},
    options: { infer: infer ?? true },
    ...omitNullish({ observedAt: timestamp, dedupe }),
    // Texts that are kept word for word wait for no model.
    async: async ?? infer ?? true,
    processing: (async ?? infer ?? true) ? processingFrom(rest) : ('now' as const),
  }));

/**
 * `POST /v1/turns`: responds with 202 at once, or with `async: false`, which `infer: false` implies, with the final event if it is
 * final within 25 s.
 */
export const turnRoutes = (platform: Platform) => {
  const routes = createRoutes('Turns');

  routes.post('/v1/turns', {
    permission: 'write',
    work: 'add',
    body: TurnBody,
    bodyKind: 'attachments',
    openapi: describe(() => ({
      operationId: 'addTurn',
      summary: 'Add a turn of conversation',
      description:
        'Answers 202 at once. With `async: false` answers 200 with the final event, or 202 after 25 seconds. Every search that begins after the answer sees the turn.',
      headers: addHeaders,
      responses: { 200: FinalEvent, 202: AcceptedTurn },
      errors: { 409: ['idempotency_key_reused'], 413: ['turn_too_large'] },
      example: {
        headers: { 'Idempotency-Key': 'chat-17-turn-4' },
        body: {
          user_id: 'ana',
          messages: [{ role: 'user', content: 'I live in San Francisco.' }],
          metadata: { source: 'chat' },
        },
      },
    })),
    handler: async (c, read) => {
      const { project } = c.get('principal');
      const { async, ...request } = await read.body();
      const { event: id, turn, replayed } = await acceptTurn(platform, c, request);
      const marks = { ...(replayed && { replayed }), ...warningsOf(c) };
      if (!async) {
        const event = await waitForEvent(platform, project, id, maxWaitMs, c.req.raw.signal);
        if (event && isFinal(event.status)) {
          const body = mayRead(c)
            ? await readableBody(platform, project, event)
            : eventReceipt(event);
          return c.json({ ...body, ...marks });
        }
      }
      return c.json({ event_id: id, status: 'PENDING', turn_id: turn, ...marks }, 202);
    },
  });

  return routes.all;
};
