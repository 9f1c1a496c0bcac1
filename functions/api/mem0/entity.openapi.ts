import * as z from 'zod';
import { type EntityKind, entityKinds } from '../../../shared/domain/memory/entities.ts';
import { AnyMetadata, pageSchema, Time } from '../http/answers.openapi.ts';

export const Entity = z
  .object({
    id: z.string().meta({ description: 'The same as `name`.' }),
    name: z.string().meta({ description: 'Id of the user, agent, app or run.' }),
    type: z.enum(entityKinds),
    owner: z.string(),
    metadata: AnyMetadata.meta({ description: 'Given when the entity was created.' }),
    total_memories: z.int().meta({ description: 'Memories that name the entity, as in a list.' }),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Entity' });

const ignored = z
  .array(z.string())
  .optional()
  .meta({ description: 'Given fields that have no effect here.' });

export const CreatedEntity = z.union([
  Entity.extend({ ignored }).meta({ id: 'CreatedEntity' }),
  Entity.pick({ id: true, name: true, type: true })
    .extend({ ignored })
    .meta({ id: 'EntityReceipt', description: 'The entity for a key without `read`.' }),
]);

const total = z.int().meta({ description: 'Entities of this type.' });

export const EntityPage = pageSchema(Entity)
  .extend({ total_users: total, total_agents: total, total_apps: total, total_runs: total })
  .meta({ id: 'EntityPage' });

export const EntityFilters = z
  .object({
    event_type: z.array(z.string()).meta({ description: 'Types of events.' }),
    categories: z.array(z.string()).meta({ description: 'Categories of all memories.' }),
    users: z.array(z.string()).meta({ description: 'Names of users, newest first; 200 at most.' }),
    parameters: z.array(z.string()).meta({ description: 'Fields of a filter.' }),
  })
  .meta({ id: 'EntityFilters' });

/** Parameters of a path that names an entity. */
export const entityParams = {
  type: z.enum(entityKinds).meta({ description: 'Type of the entity.' }),
  id: z.string().min(1).max(256).meta({ description: 'Name of the entity.' }),
};

/** Name of a kind in an operation's name. */
export const titleOf = (kind: EntityKind): string =>
  `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;

/** Name of a kind in a sentence. */
export const nounOf = (kind: EntityKind): string =>
  `${kind === 'agent' || kind === 'app' ? 'an' : 'a'} ${kind}`;
