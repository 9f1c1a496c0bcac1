import { Hono } from 'hono';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Guard } from '../auth.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { pacedJson } from '../http/paced-json.ts';
import { uuidParam } from '../http/path-params.ts';
import { memoryNotFound } from './errors.ts';
import { revisionBody } from './translate.ts';

export const historyRoutes = (platform: Platform, guard: Guard) =>
  new Hono<ApiEnv>().get('/v1/memories/:id/history', guard('read', 'list'), async (c) => {
    const id = uuidParam(c, 'memory_id');
    const revisions = await historyOf(platform, c.get('principal').project, id);
    if (!revisions) throw memoryNotFound();
    return pacedJson(c, platform, revisions.map(revisionBody));
  });
