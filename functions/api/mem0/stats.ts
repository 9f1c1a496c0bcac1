import { projectStats } from '../../../shared/core/projects/project-stats.ts';
import type { UsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { isoTime } from '../http/instant.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { Stats } from './stats.openapi.ts';

/** `GET /v1/stats`: numbers of the project of the key. */
export const statsRoutes = (platform: Platform, meter: UsageMeter | undefined) => {
  const routes = createRoutes('mem0: project');

  routes.get('/v1/stats', {
    permission: 'read',
    work: 'list',
    openapi: describe(() => ({
      operationId: 'getStats',
      summary: 'Get numbers of the project',
      description: 'Adds and searches are those of the last 31 days.',
      responses: { 200: Stats },
      example: {},
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const { memories, feedback, entities, usage } = await projectStats(platform, project, meter);
      return c.json({
        total_memories: memories,
        total_users: entities.user,
        total_agents: entities.agent,
        total_apps: entities.app,
        total_runs: entities.run,
        total_add_events: usage.counts.adds,
        total_search_events: usage.counts.searches,
        usage_since: isoTime(usage.since),
        usage_until: isoTime(usage.until),
        feedback,
      });
    },
  });

  return routes.all;
};
