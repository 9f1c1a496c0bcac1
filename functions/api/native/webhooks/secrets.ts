import * as z from 'zod';
import { TerminalError } from '../../../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import { EndpointId } from '../../http/answers.openapi.ts';
import { HttpError } from '../../http/http-error.ts';
import { isoTime } from '../../http/instant.ts';
import { omitNullish } from '../../http/omit-nullish.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { RotatedSecret, refusals, Secrets } from './endpoint.openapi.ts';
import { revealedBody, secretBody } from './endpoint-body.ts';
import { endpointNotFound, toHttpError } from './errors.ts';
import { endpointParam } from './path-params.ts';

const maxOverlap = 30 * 86_400;
const seconds = `must be a number of seconds, 0 to ${maxOverlap}`;

const RotateBody = z.object({
  overlap_seconds: z.number(seconds).min(0, seconds).max(maxOverlap, seconds).nullish(),
  secret: z.string().nullish(),
});

const tooMany = (): HttpError =>
  new HttpError(
    409,
    'too_many_secrets',
    'Five secrets are valid already: wait until one has expired, or rotate with overlap_seconds 0.',
  );

/** Error for secrets that cannot be opened, for example after a restore without the key file. */
const unreadable = (): HttpError =>
  new HttpError(
    409,
    'secret_unreadable',
    'The secrets of this endpoint were sealed with another key: rotate with overlap_seconds 0.',
  );

const orUnreadable = (error: unknown): never => {
  const isKnown = error instanceof TerminalError && error.code === 'secret_unreadable';
  throw isKnown ? unreadable() : error;
};

/** Loads the rarely used operations on first use, so that a cold start does not read them. */
const load = () => import('../late.ts');

/** Routes of signing secrets: get, rotate. Reading a secret requires the write permission, since its holder can sign. */
export const secretRoutes = (platform: WebhookPlatform) => {
  const routes = createRoutes('Webhook endpoints');

  routes.get('/v1/endpoints/:id/secret', {
    permission: ['read', 'write'],
    work: 'get',
    openapi: describe(() => ({
      operationId: 'getEndpointSecrets',
      summary: 'Get the signing secrets of an endpoint',
      description: 'A holder of a secret can sign, so `read` alone is not enough.',
      params: { id: EndpointId },
      responses: { 200: Secrets },
      errors: { 404: ['endpoint_not_found'], 409: ['secret_unreadable'] },
      example: { params: { id: exampleIds.endpoint } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const { revealSecrets } = await load();
      const revealing = revealSecrets(platform, project, endpointParam(c));
      const secrets = await revealing.catch(orUnreadable);
      const [newest] = secrets ?? [];
      if (!secrets || !newest) throw endpointNotFound();
      return c.json({ ...secretBody(newest), secrets: secrets.map(revealedBody) });
    },
  });

  routes.post('/v1/endpoints/:id/secret/rotate', {
    permission: 'write',
    body: RotateBody,
    bodyKind: 'optional',
    openapi: describe(() => ({
      operationId: 'rotateEndpointSecret',
      summary: 'Rotate the signing secret of an endpoint',
      description: 'Until `old_valid_until` deliveries carry both signatures.',
      params: { id: EndpointId },
      responses: { 200: RotatedSecret },
      errors: { 400: refusals, 404: ['endpoint_not_found'], 409: ['too_many_secrets'] },
      example: { params: { id: exampleIds.endpoint }, body: { overlap_seconds: 3600 } },
    })),
    handler: async (c, read) => {
      const { overlap_seconds: overlap, secret } = await read.body();
      const overlapMs = overlap == null ? undefined : Math.round(overlap * 1_000);
      const { project } = c.get('principal');
      const asked = omitNullish({ overlapMs, secret });
      const { rotateSecret } = await load();
      const rotated = await rotateSecret(platform, project, endpointParam(c), asked);
      if (rotated.outcome === 'refused') throw toHttpError(rotated);
      if (rotated.outcome !== 'rotated')
        throw rotated.outcome === 'too_many' ? tooMany() : endpointNotFound();
      return c.json({
        ...secretBody(rotated),
        old_valid_until: isoTime(rotated.previousExpiresAt),
      });
    },
  });

  return routes.all;
};
