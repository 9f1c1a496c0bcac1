import type { Context } from 'hono';
import * as z from 'zod';
import { type Recovery, recoverables } from '../../../../shared/domain/webhooks/recovery.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import { cursorPageSchema, EndpointId, RecoveryId } from '../../http/answers.openapi.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { badCursor, cursorOf, cursorPage } from '../../http/cursor.ts';
import { Instant, isoTime, isoTimeOrNull } from '../../http/instant.ts';
import { mayRead, receiptOf } from '../../http/may-read.ts';
import { omitNullish } from '../../http/omit-nullish.ts';
import { isIdOf } from '../../http/path-params.ts';
import { quotaExceeded } from '../../http/quota.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { RecoveryOrReceipt, Recovery as RecoverySchema } from './delivery.openapi.ts';
import { endpointNotFound, recoveryNotFound } from './errors.ts';
import { endpointParam, recoveryParams } from './path-params.ts';

const RecoverBody = z
  .object({
    since: Instant,
    until: Instant.nullish(),
    which: z.enum(recoverables).nullish(),
  })
  .refine(({ since, until }) => until == null || until > since, {
    path: ['until'],
    error: 'must be later than since',
  });

/** `examined` counts the deliveries read so far, `recovered` those of them that are sent again. */
const fieldsOf = (recovery: Recovery) => ({
  id: recovery.id,
  endpoint_id: recovery.endpoint,
  status: recovery.state,
  which: recovery.which,
  since: isoTime(recovery.since),
  until: isoTime(recovery.until),
  examined: recovery.counts.candidates,
  recovered: recovery.counts.recovered,
  created_at: isoTime(recovery.createdAt),
  updated_at: isoTime(recovery.updatedAt),
  completed_at: isoTimeOrNull(recovery.completedAt),
});

/** Builds a recovery for a response; without the read permission only its ids and status. */
const recoveryBody = (c: Context<ApiEnv>, recovery: Recovery) => {
  const fields = fieldsOf(recovery);
  return mayRead(c) ? fields : receiptOf(fields, ['id', 'endpoint_id', 'status']);
};

/** Loads the rarely used operations on first use, so that a cold start does not read them. */
const load = () => import('../late.ts');

/** Routes of recoveries, which resend the deliveries that an endpoint missed. */
export const recoveryRoutes = (platform: WebhookPlatform) => {
  const routes = createRoutes('Webhook deliveries');

  routes.post('/v1/endpoints/:id/recover', {
    permission: 'write',
    work: 'job',
    body: RecoverBody,
    openapi: describe(() => ({
      operationId: 'startRecovery',
      summary: 'Deliver again what an endpoint missed',
      description: 'With a full retry budget and the same `webhook-id`, behind live traffic.',
      params: { id: EndpointId },
      responses: { 202: RecoveryOrReceipt },
      errors: { 404: ['endpoint_not_found'], 429: ['too_many_recoveries'] },
      example: {
        params: { id: exampleIds.endpoint },
        body: { since: '2026-01-31', which: 'failed' },
      },
    })),
    handler: async (c, read) => {
      const { since, ...rest } = await read.body();
      const { project } = c.get('principal');
      const asked = { since, ...omitNullish(rest) };
      const { startRecovery } = await load();
      const recovery = await startRecovery(platform, project, endpointParam(c), asked);
      if (!recovery) throw endpointNotFound();
      if ('outcome' in recovery) throw quotaExceeded(recovery);
      return c.json(recoveryBody(c, recovery), 202);
    },
  });

  routes.get('/v1/endpoints/:id/recover', {
    permission: 'read',
    work: 'list',
    pages: 'cursor',
    openapi: describe(() => ({
      operationId: 'listRecoveries',
      summary: 'List recoveries of an endpoint',
      params: { id: EndpointId },
      responses: { 200: cursorPageSchema(RecoverySchema) },
      errors: { 404: ['endpoint_not_found'] },
      example: { params: { id: exampleIds.endpoint }, query: { limit: '20' } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const asked = cursorOf(c);
      if (asked.after !== undefined && !isIdOf('rcv', asked.after)) throw badCursor();
      const { listRecoveries } = await load();
      const listed = await listRecoveries(platform, project, endpointParam(c), asked);
      if (!listed) throw endpointNotFound();
      return c.json(
        cursorPage(
          c,
          listed.recoveries.map((one) => recoveryBody(c, one)),
          listed.next,
        ),
      );
    },
  });

  routes.get('/v1/endpoints/:id/recover/:recovery', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getRecovery',
      summary: 'Get a recovery',
      params: { id: EndpointId, recovery: RecoveryId },
      responses: { 200: RecoverySchema },
      errors: { 404: ['recovery_not_found'] },
      example: { params: { id: exampleIds.endpoint, recovery: exampleIds.recovery } },
    })),
    handler: async (c) => {
      const { id, recovery: name } = recoveryParams(c);
      const { getRecovery } = await load();
      const recovery = await getRecovery(platform, c.get('principal').project, id, name);
      if (!recovery) throw recoveryNotFound();
      return c.json(recoveryBody(c, recovery));
    },
  });

  routes.post('/v1/endpoints/:id/recover/:recovery/cancel', {
    permission: 'write',
    openapi: describe(() => ({
      operationId: 'cancelRecovery',
      summary: 'Cancel a recovery',
      params: { id: EndpointId, recovery: RecoveryId },
      responses: { 200: RecoveryOrReceipt },
      errors: { 404: ['recovery_not_found'] },
      example: { params: { id: exampleIds.endpoint, recovery: exampleIds.recovery } },
    })),
    handler: async (c) => {
      const { id, recovery: name } = recoveryParams(c);
      const { cancelRecovery } = await load();
      const recovery = await cancelRecovery(platform, c.get('principal').project, id, name);
      if (!recovery) throw recoveryNotFound();
      return c.json(recoveryBody(c, recovery));
    },
  });

  return routes.all;
};
