import { Hono } from 'hono';
import * as z from 'zod';
import { waitForEvent } from '../../../shared/core/events.ts';
import { isFinal } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import { acceptTurn } from '../http/accept-turn.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { entitiesFrom, entityIdFields } from '../http/entity-ids.ts';
import { Instant } from '../http/instant.ts';
import { readBodyWithAttachments } from '../http/json-body.ts';
import { mayRead } from '../http/may-read.ts';
import { Messages } from '../http/messages.ts';
import { Metadata } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { eventReceipt } from './event-body.ts';
import { maxWaitMs, readableBody } from './events.ts';

const TurnBody = z
  .object({
    messages: Messages,
    ...entityIdFields,
    metadata: Metadata.nullish(),
    timestamp: Instant.nullish(),
    infer: z.boolean().nullish(),
    async: z.boolean().nullish(),
    dedupe: z.boolean().nullish(),
  })
  .transform(({ messages, metadata, timestamp, infer, async, dedupe, ...ids }) => ({
    entities: entitiesFrom(ids),
    messages,
    metadata: metadata ?? {},
    options: { infer: infer ?? true },
    ...omitNullish({ observedAt: timestamp, dedupe }),
    // Texts that are kept word for word wait for no model.
    async: async ?? infer ?? true,
  }));

/**
 * `POST /v1/turns`: responds with 202 at once, or with `async: false`, which `infer: false` implies, with the final event if it is
 * final within 25 s.
 */
export const turnRoutes = (platform: Platform, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  routes.post('/v1/turns', guard('write', 'add'), async (c) => {
    const { project } = c.get('principal');
    const { async, ...request } = await readBodyWithAttachments(c, TurnBody);
    const { event: id, turn, replayed } = await acceptTurn(platform, c, request);
    const marks = replayed ? { replayed } : {};
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
  });

  return routes;
};
