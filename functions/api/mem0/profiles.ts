import type { Platform } from '../../../shared/ports/platform.ts';
import { EventId } from '../http/answers.openapi.ts';
import { uuidParam } from '../http/path-params.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import {
  IdempotencyKey,
  JsonSchema,
  ProfileJob,
  ProfileJobStarted,
  ProfileOfEntity,
  ProfileSettings,
} from './derived.openapi.ts';
import { ProfileJobBody, ProfileSettingsBody } from './derived-bodies.ts';
import { entityParams } from './entity.openapi.ts';
import { entityParam } from './entity-param.ts';

const handlers = () => import('./profile-handlers.ts');

/** Routes of profiles. */
export const profileRoutes = (platform: Platform) => {
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
    handler: async (c) => (await handlers()).showProfile(platform, c, entityParam(c)),
  });

  routes.post('/v2/profiles/jobs', {
    permission: ['read', 'write'],
    work: 'job',
    body: ProfileJobBody,
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
      return (await handlers()).startJob(platform, c, job);
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
      return (await handlers()).showJob(platform, c, id);
    },
  });

  routes.get('/v2/profiles/settings', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getProfileSettings',
      summary: 'Get the settings of profiles',
      responses: { 200: ProfileSettings },
      example: {},
    })),
    handler: async (c) => (await handlers()).showSettings(platform, c),
  });

  routes.post('/v2/profiles/settings', {
    permission: 'admin',
    work: 'change',
    body: ProfileSettingsBody,
    openapi: describe(() => ({
      operationId: 'updateProfileSettings',
      summary: 'Change the settings of profiles',
      description:
        'Absent fields stay as they are; null restores the default. Profiles that are generated after the answer follow them.',
      fields: { 'entities.user.schema': JsonSchema },
      responses: { 200: ProfileSettings },
      example: {
        body: {
          enabled: true,
          entities: {
            user: {
              schema: {
                type: 'object',
                properties: { diet: { type: 'string', description: 'What the user eats' } },
              },
              custom_instructions: 'Be brief.',
            },
          },
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      return (await handlers()).changeSettings(platform, c, body);
    },
  });

  return routes.all;
};
