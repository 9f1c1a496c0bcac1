import type { Context } from 'hono';
import * as z from 'zod';
import type { ProfileView } from '../../../shared/core/derived/profiles.ts';
import { getEntity, listEntityIds } from '../../../shared/core/retrieval/list-entities.ts';
import { type Entity, entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { ProfileRun } from '../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { idempotencyKeyOf, keyReused } from '../http/accept-turn.ts';
import { EventId } from '../http/answers.openapi.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { EntityId } from '../http/entity-ids.ts';
import { HttpError } from '../http/http-error.ts';
import { isoTimeOrNull } from '../http/instant.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { uuidParam } from '../http/path-params.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import {
  IdempotencyKey,
  ProfileJob,
  ProfileJobStarted,
  ProfileOfEntity,
} from './derived.openapi.ts';
import { entityParams } from './entity.openapi.ts';
import { entityNotFound, entityParam } from './entity-param.ts';

/** Entities of one sample. */
const maxSample = 10;

const EntityType = z.enum(entityKinds);
const JobBody = z.discriminatedUnion(
  'operation',
  [
    z.object({
      operation: z.literal('trigger'),
      entity_type: EntityType,
      entity_id: EntityId,
    }),
    z.object({
      operation: z.literal('sample'),
      entity_type: EntityType,
      limit: z.int().min(1).max(maxSample).nullish(),
    }),
  ],
  { error: () => 'must be "trigger" or "sample"' },
);

const profileBody = (type: string, id: string, { status, value, profile }: ProfileView) => ({
  profile: value === undefined ? {} : JSON.parse(value),
  status,
  entity_type: type,
  entity_id: id,
  updated_at: isoTimeOrNull(profile?.updatedAt),
  generation_count: profile?.generations ?? 0,
  error: status === 'failed' ? (profile?.error?.message ?? null) : null,
});

/** A job that ended is `failed` only if every profile of it failed. */
const jobStatus = (eventStatus: string, { total, failed }: ProfileRun): string => {
  if (eventStatus === 'SUCCEEDED') return total > 0 && failed === total ? 'failed' : 'succeeded';
  return eventStatus.toLowerCase();
};

const jobNotFound = (): HttpError =>
  new HttpError(404, 'profile_job_not_found', 'Profile job not found.');

type Job = z.output<typeof JobBody>;

const operations = () => import('../../../shared/core/derived/profiles.ts');
const settings = () => import('../../../shared/core/derived/profile-settings.ts');

/**
 * Answers with the profile of an entity.
 * @throws HttpError 404
 */
export const showProfile = async (
  platform: Platform,
  c: Context<ApiEnv>,
  entity: Entity,
): Promise<Response> => {
  const { readProfile } = await operations();
  const found = await readProfile(platform, c.get('principal').project, entity);
  if (!found) throw entityNotFound();
  return c.json(profileBody(entity.kind, entity.id, found));
};

/** Routes of profiles. The first request loads the operations. */
export const profileRoutes = (platform: Platform) => {
  /** Entities of a job. @throws HttpError 404 for one that is not listed */
  const entitiesOf = async (project: string, job: Job): Promise<string[]> => {
    const { entity_type: kind } = job;
    if (job.operation === 'sample')
      return listEntityIds(platform, project, kind, job.limit ?? maxSample);
    if (!(await getEntity(platform, project, { kind, id: job.entity_id }))) throw entityNotFound();
    return [job.entity_id];
  };

  const start = async (c: Context<ApiEnv>, job: Job) => {
    const { project } = c.get('principal');
    const { readProfileSettings } = await settings();
    const { enabled = true } = await readProfileSettings(platform, project);
    if (!enabled)
      throw new HttpError(
        409,
        'profiles_not_enabled',
        'Profiles are turned off: enable them by POST /v2/profiles/settings.',
      );
    const { startProfiles } = await operations();
    const entities = await entitiesOf(project, job);
    const { operation, entity_type: kind } = job;
    const key = idempotencyKeyOf(c);
    const started = await startProfiles(platform, project, {
      operation,
      kind,
      entities,
      ...omitNullish({ idempotencyKey: key }),
    });
    if (started.outcome === 'full') throw quotaExceeded(started);
    if (started.outcome === 'key_reused' || started.outcome === 'refused') throw keyReused();
    return { id: started.id, replayed: started.outcome === 'replayed', entities };
  };

  const routes = createRoutes('mem0: profiles');

  routes.get('/v2/entities/:type/:id/profile', {
    permission: 'read',
    work: 'list',
    openapi: describe(() => ({
      operationId: 'getProfile',
      summary: 'Get the profile of an entity',
      description:
        'A profile that is missing is generated: the first answer has the status `pending`. A profile whose memories were deleted is generated again.',
      params: entityParams,
      responses: { 200: ProfileOfEntity },
      errors: { 400: ['invalid_request'], 404: ['entity_not_found'] },
      example: { params: { type: 'user', id: exampleIds.user } },
    })),
    handler: (c) => showProfile(platform, c, entityParam(c)),
  });

  routes.post('/v2/profiles/jobs', {
    permission: ['read', 'write'],
    work: 'job',
    body: JobBody,
    openapi: describe(() => ({
      operationId: 'createProfileJob',
      summary: 'Generate profiles',
      description:
        '`trigger` generates the profile of one entity, `sample` those of the newest entities of a type.',
      headers: { 'Idempotency-Key': IdempotencyKey },
      responses: { 202: ProfileJobStarted },
      errors: {
        404: ['entity_not_found'],
        409: ['idempotency_key_reused', 'profiles_not_enabled'],
        429: ['too_many_jobs'],
      },
      example: { body: { operation: 'trigger', entity_type: 'user', entity_id: exampleIds.user } },
    })),
    handler: async (c, read) => {
      const job = await read.body();
      const { id, replayed, entities } = await start(c, job);
      const sampled =
        job.operation === 'sample' ? { sampled: entities.length, entity_ids: entities } : {};
      return c.json(
        {
          job_id: id,
          status: 'pending',
          status_url: `/v2/profiles/jobs/${id}/`,
          operation: job.operation,
          entity_type: job.entity_type,
          entity_count_reserved: entities.length,
          event_id: id,
          replayed,
          ...sampled,
        },
        202,
      );
    },
  });

  routes.get('/v2/profiles/jobs/:id', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getProfileJob',
      summary: 'Get a job that generates profiles',
      params: { id: EventId },
      responses: { 200: ProfileJob },
      errors: { 400: ['invalid_id'], 404: ['profile_job_not_found'] },
      example: { params: { id: exampleIds.profileJob } },
    })),
    handler: async (c) => {
      const id = uuidParam(c, 'job_id');
      const { readProfileJob } = await operations();
      const found = await readProfileJob(platform, c.get('principal').project, id);
      if (!found) throw jobNotFound();
      const { run, status } = found;
      const { operation, kind, total, succeeded, failed, skipped } = run;
      const completed = succeeded + failed + skipped;
      return c.json({
        job: {
          id,
          operation,
          entity_type: kind,
          status: jobStatus(status, run),
          total,
          enumeration_complete: true,
          completed,
          succeeded,
          failed,
          skipped,
        },
      });
    },
  });

  return routes.all;
};
