import { Hono } from 'hono';
import { getMemory, historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { readBody } from '../http/json-body.ts';
import { mayRead } from '../http/may-read.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { pacedJson } from '../http/paced-json.ts';
import { memoryIdParam } from '../http/path-params.ts';
import { memoryNotFound, notUpdated } from './errors.ts';
import { UpdateBody } from './schema.ts';
import { foundBody, historyBody, memoryBody } from './translate.ts';

/** Routes of one memory: get, update, history. */
export const memoryRoutes = (platform: Platform, guard: Guard) => {
  const routes = new Hono<ApiEnv>();

  routes.get('/v1/memories/:id', guard('read'), async (c) => {
    const id = memoryIdParam(c);
    const found = await getMemory(platform, c.get('principal').project, id);
    if (!found) throw memoryNotFound();
    return c.json(foundBody(found));
  });

  routes.put('/v1/memories/:id', guard('write'), async (c) => {
    const id = memoryIdParam(c);
    const body = await readBody(c, UpdateBody);
    const updated = await updateMemory(platform, c.get('principal').project, id, {
      ...omitNullish({ text: body.text, metadata: body.metadata, observedAt: body.timestamp }),
      ...(body.expiration_date === undefined ? {} : { expiresOn: body.expiration_date }),
    });
    if (updated.outcome !== 'updated') throw notUpdated(updated.outcome);
    return c.json(
      mayRead(c) ? memoryBody(updated.memory) : { id: updated.memory.id, event: 'UPDATE' },
    );
  });

  routes.get('/v1/memories/:id/history', guard('read', 'list'), async (c) => {
    const id = memoryIdParam(c);
    const revisions = await historyOf(platform, c.get('principal').project, id);
    if (!revisions) throw memoryNotFound();
    return pacedJson(c, platform, historyBody(revisions));
  });

  return routes;
};
