import * as z from 'zod';
import { anyId, type Entities, maxEntityIdLength } from '../../../shared/domain/memory/entities.ts';
import { omitNullish } from './omit-nullish.ts';

/**
 * Entity id. Ids are opaque and matched exactly; ids that users could not distinguish on a screen are rejected. An integer is
 * the id of its digits.
 */
export const EntityMatch = z
  .union([z.string(), z.int().transform(String)], {
    error: ({ input }) => {
      if (input === undefined) return 'is required';
      return typeof input === 'number' && Number.isInteger(input)
        ? 'must be a string: a number of more than 15 digits is not exact in JSON'
        : 'must be a string';
    },
  })
  .pipe(z.string().max(maxEntityIdLength))
  .refine((id) => id.trim() !== '', 'must not be blank')
  .refine((id) => !/[\p{Cc}\uFFFD]/u.test(id), 'must not contain control or broken characters');

/** Id of one entity, which `*` is not. */
export const EntityId = EntityMatch.refine(
  (id) => id !== anyId,
  'must not be "*", which stands for any id',
);

const idsOf = <S extends z.ZodType>(id: S) => ({
  user_id: z.nullish(id),
  agent_id: z.nullish(id),
  app_id: z.nullish(id),
  run_id: z.nullish(id),
});

/** Fields for the entities of a turn. */
export const entityIdFields = idsOf(EntityId);
/** Fields for the entities of a query, where `*` matches any id. */
export const entityMatchFields = idsOf(EntityMatch);

type Ids = { [field in keyof typeof entityIdFields]?: string | null | undefined };

export const entitiesFrom = (ids: Ids): Entities =>
  omitNullish({ user: ids.user_id, agent: ids.agent_id, app: ids.app_id, run: ids.run_id });

/** Converts entities to the id fields of responses. */
export const idsFrom = ({ user, agent, app, run }: Entities) => ({
  user_id: user ?? null,
  agent_id: agent ?? null,
  app_id: app ?? null,
  run_id: run ?? null,
});

export const missingEntityMessage =
  'At least one entity ID is required (user_id, agent_id, app_id, or run_id).';
