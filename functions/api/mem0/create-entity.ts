import * as z from 'zod';
import { declareEntity } from '../../../shared/core/cutoffs.ts';
import { getEntity } from '../../../shared/core/retrieval/list-entities.ts';
import { type EntityKind, entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { EntityId } from '../http/entity-ids.ts';
import { limits } from '../http/limits.ts';
import { mayRead } from '../http/may-read.ts';
import { Metadata } from '../http/metadata.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { entityBody } from './entities.ts';
import { CreatedEntity, nounOf, titleOf } from './entity.openapi.ts';

const EntityMetadata = Metadata.refine(
  (metadata) => Buffer.byteLength(JSON.stringify(metadata)) <= limits.entityMetadataBytes,
  `must not be larger than ${limits.entityMetadataBytes} bytes`,
);

const common = {
  metadata: EntityMetadata.nullish(),
  /** Without effect: the name of an entity is its id, by which clients delete it. */
  name: z.unknown().optional(),
};

const bodies = {
  user: z.object({ user_id: EntityId, ...common }),
  agent: z.object({ agent_id: EntityId, ...common }),
  app: z.object({ app_id: EntityId, ...common }),
  run: z.object({ run_id: EntityId, ...common }),
};
type Body = z.output<(typeof bodies)[EntityKind]>;

const idIn = (body: Body): string => {
  if ('user_id' in body) return body.user_id;
  if ('agent_id' in body) return body.agent_id;
  return 'app_id' in body ? body.app_id : body.run_id;
};

/** Routes that create a user, an agent, an app or a run before any memory names it. */
export const createEntityRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: entities');

  for (const kind of entityKinds) {
    routes.post(`/v1/${kind}s`, {
      permission: 'write',
      work: 'change',
      body: bodies[kind],
      openapi: describe(() => ({
        operationId: `create${titleOf(kind)}`,
        summary: `Create ${nounOf(kind)}`,
        description:
          'It is listed at once, until it is deleted. To create it again is no error; `metadata` then replaces the earlier ones.',
        responses: { 201: CreatedEntity },
        example: { body: { [`${kind}_id`]: `new-${kind}`, metadata: { plan: 'free' } } },
      })),
      handler: async (c, read) => {
        const body = await read.body();
        const { project } = c.get('principal');
        const entity = { kind, id: idIn(body) };
        const metadata = body.metadata ?? undefined;
        await declareEntity(platform, project, entity, metadata);
        const isRenamed = body.name != null && body.name !== entity.id;
        const ignored = isRenamed ? { ignored: ['name'] } : {};
        if (!mayRead(c))
          return c.json({ id: entity.id, name: entity.id, type: kind, ...ignored }, 201);
        const now = platform.clock.now();
        // Absent only if it was deleted at the same time.
        const created = (await getEntity(platform, project, entity)) ?? {
          ...entity,
          memories: 0,
          metadata: metadata ?? {},
          createdAt: now,
          updatedAt: now,
        };
        return c.json({ ...entityBody(created), ...ignored }, 201);
      },
    });
  }

  return routes.all;
};
