import type { Context } from 'hono';
import * as z from 'zod';
import type { Entity } from '../../../../shared/domain/memory/entities.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { EntityId } from '../../http/entity-ids.ts';
import { parse } from '../../http/parse.ts';

const Path = z.object({ user_id: EntityId });

/** Path of the routes of one user. An id may contain slashes, which a gateway decodes before the path gets here. */
export const userPath = '/v1/users/:id{.+}';

/**
 * Returns the user of the path.
 * @throws HttpError 400 for an id that no user can have
 */
export const userParam = (c: Context<ApiEnv>): Entity & { kind: 'user' } => ({
  kind: 'user',
  id: parse(Path, { user_id: c.req.param('id') }).user_id,
});
