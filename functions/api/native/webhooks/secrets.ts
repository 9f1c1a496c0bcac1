import { Hono } from 'hono';
import * as z from 'zod';
import { revealSecrets, rotateSecret } from '../../../../shared/core/webhooks/rotate-secret.ts';
import { TerminalError } from '../../../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../../../shared/ports/platform.ts';
import type { Guard } from '../../auth.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { HttpError } from '../../http/http-error.ts';
import { isoTime } from '../../http/instant.ts';
import { readOptionalBody } from '../../http/json-body.ts';
import { omitNullish } from '../../http/omit-nullish.ts';
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

/** Routes of signing secrets: get, rotate. Reading a secret requires the write permission, since its holder can sign. */
export const secretRoutes = (platform: WebhookPlatform, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  routes.get('/v1/endpoints/:id/secret', guard(['read', 'write'], 'get'), async (c) => {
    const { project } = c.get('principal');
    const revealing = revealSecrets(platform, project, endpointParam(c));
    const secrets = await revealing.catch(orUnreadable);
    const [newest] = secrets ?? [];
    if (!secrets || !newest) throw endpointNotFound();
    return c.json({ ...secretBody(newest), secrets: secrets.map(revealedBody) });
  });

  routes.post('/v1/endpoints/:id/secret/rotate', guard('write'), async (c) => {
    const { overlap_seconds: overlap, secret } = await readOptionalBody(c, RotateBody);
    const overlapMs = overlap == null ? undefined : Math.round(overlap * 1_000);
    const { project } = c.get('principal');
    const asked = omitNullish({ overlapMs, secret });
    const rotated = await rotateSecret(platform, project, endpointParam(c), asked);
    if (rotated.outcome === 'refused') throw toHttpError(rotated);
    if (rotated.outcome !== 'rotated')
      throw rotated.outcome === 'too_many' ? tooMany() : endpointNotFound();
    return c.json({ ...secretBody(rotated), old_valid_until: isoTime(rotated.previousExpiresAt) });
  });

  return routes;
};
