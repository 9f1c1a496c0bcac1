import * as z from 'zod';
import { type Authenticate, listKeys } from '../../../shared/core/projects/api-keys.ts';
import { createProjectKey, revokeProjectKey } from '../../../shared/core/projects/project-keys.ts';
import { findProject } from '../../../shared/core/projects/projects.ts';
import { type ApiKey, type Permission, permissions } from '../../../shared/domain/project.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { invalidKey } from '../auth.ts';
import { pageSchema } from '../http/answers.openapi.ts';
import { HttpError } from '../http/http-error.ts';
import { isoTime, isoTimeOrNull } from '../http/instant.ts';
import { nonEmptyListOf } from '../http/list-of.ts';
import { pageOf, pagingOf } from '../http/paging.ts';
import { quotaExceeded } from '../http/quota.ts';
import { createRoutes } from '../http/routes.ts';
import { warningsOf } from '../http/warnings.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { ApiKey as ApiKeySchema, CreatedKey, KeyId } from './key.openapi.ts';

const CreateBody = z.object({
  name: z.string().max(200).nullish(),
  permissions: nonEmptyListOf(z.enum(permissions), permissions.length).nullish(),
});

const keyForm = /^[0-9a-f]{16}$/;

/** Builds a key for a response, without the key itself and its hash. */
const keyBody = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  prefix: key.prefix,
  permissions: key.permissions,
  project_id: key.project,
  created_at: isoTime(key.createdAt),
  revoked_at: isoTimeOrNull(key.revokedAt),
});

const keyNotFound = (): HttpError => new HttpError(404, 'key_not_found', 'API key not found.');

const lastAdmin = (): HttpError =>
  new HttpError(
    409,
    'last_admin_key',
    'This is the last API key of the project with the admin permission: create another one first.',
  );

const notGranted = (missing: Permission): HttpError =>
  new HttpError(
    403,
    'forbidden',
    `permissions must not include ${missing}, which this API key does not have itself.`,
    { field: 'permissions' },
  );

/** Routes of the API keys of the caller's project: list, create, revoke. */
export const keyRoutes = (platform: Platform, { forget }: Pick<Authenticate, 'forget'>) => {
  const routes = createRoutes('Keys and usage');

  routes.get('/v1/keys', {
    permission: 'admin',
    work: 'list',
    pages: 'number',
    openapi: describe(() => ({
      operationId: 'listKeys',
      summary: 'List API keys',
      description:
        'The keys of the project, without the keys themselves. Revoked keys stay in the list for 90 days.',
      responses: { 200: pageSchema(ApiKeySchema) },
      example: { query: { page: '1', page_size: '20' } },
    })),
    handler: async (c) => {
      const paging = pagingOf(c);
      const keys = await listKeys(platform, c.get('principal').project);
      const shown = keys.slice(paging.skip, paging.skip + paging.size).map(keyBody);
      return c.json(pageOf(c, paging, keys.length, shown));
    },
  });

  routes.post('/v1/keys', {
    permission: 'admin',
    work: 'change',
    body: CreateBody,
    openapi: describe(() => ({
      operationId: 'createKey',
      summary: 'Create an API key',
      description: 'A key cannot grant a permission that it lacks.',
      responses: { 201: CreatedKey },
      errors: { 404: ['key_not_found'], 409: ['too_many_keys'] },
      example: { body: { name: 'search page', permissions: ['read'] } },
    })),
    handler: async (c, read) => {
      const { name, permissions: asked } = await read.body();
      const { key: caller, project: id, permissions: own } = c.get('principal');
      const granted = [...new Set(asked ?? (['read', 'write'] as const))];
      const missing = granted.find((permission) => !own.includes(permission));
      if (missing) throw notGranted(missing);
      const project = await findProject(platform, id);
      if (!project) throw keyNotFound();
      const options = { name: name ?? '', permissions: granted };
      const created = await createProjectKey(platform, project, caller, options);
      if (created.outcome === 'caller_revoked') throw invalidKey();
      if (created.outcome === 'full') throw quotaExceeded(created);
      return c.json({ ...keyBody(created.record), key: created.key, ...warningsOf(c) }, 201);
    },
  });

  /** Revokes a key. This process rejects the key at once, every other within 30 seconds, when cached keys expire. */
  routes.delete('/v1/keys/:id', {
    permission: 'admin',
    work: 'change',
    openapi: describe(() => ({
      operationId: 'revokeKey',
      summary: 'Revoke an API key',
      description:
        'Takes effect at once in the process that answers, within 30 seconds in all others.',
      params: { id: KeyId },
      responses: { 200: z.object({ id: KeyId, revoked: z.literal(true) }) },
      errors: { 404: ['key_not_found'], 409: ['last_admin_key'] },
      example: { params: { id: exampleIds.key } },
    })),
    handler: async (c) => {
      const id = c.req.param('id');
      if (!keyForm.test(id)) throw keyNotFound();
      const { key: caller, project } = c.get('principal');
      const outcome = await revokeProjectKey(platform, project, caller, id).finally(() =>
        forget(id),
      );
      if (outcome === 'caller_revoked') throw invalidKey();
      if (outcome === 'not_found') throw keyNotFound();
      if (outcome === 'last_admin') throw lastAdmin();
      return c.json({ id, revoked: true });
    },
  });

  return routes.all;
};
