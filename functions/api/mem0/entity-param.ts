import type { Context } from 'hono';
import * as z from 'zod';
import {
  type EntityKind,
  entityKinds,
  type Owner,
} from '../../../shared/domain/memory/entities.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { EntityId } from '../http/entity-ids.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { parse } from '../http/parse.ts';

const Path = z.object({ entity_id: EntityId });

/**
 * Returns the entity of this kind.
 * @throws HttpError 400 for an id that is not valid
 */
export const entityOf = (kind: EntityKind, id: string | undefined): Owner => ({
  kind,
  id: parse(Path, { entity_id: id }).entity_id,
});

/**
 * Returns the entity of the path. An id may contain slashes, which a gateway decodes before the path gets here.
 * @throws HttpError 400
 */
export const entityParam = (c: Context<ApiEnv>, id = c.req.param('id')): Owner => {
  const kind = entityKinds.find((one) => one === c.req.param('type'));
  if (!kind)
    throw invalid(
      'entity_type',
      'Invalid entity type: entity_type must be user, agent, app or run.',
    );
  return entityOf(kind, id);
};

export const entityNotFound = (): HttpError =>
  new HttpError(404, 'entity_not_found', 'Entity not found.');
