import type { Json } from '../../../shared/domain/memory/turn.ts';
import type { PartHealth } from '../../../shared/ports/health.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { Health, Live } from './health.openapi.ts';

type Parts = Pick<Platform, 'languageModel' | 'embedder' | 'vectorIndex'>;

/** Returns the state of each part as last observed by this process. */
const healthOf = ({ languageModel, embedder, vectorIndex }: Parts) => {
  const parts = Object.entries({ model: languageModel, embedder, index: vectorIndex }).map(
    ([name, part]): [string, PartHealth] => [name, part.health?.() ?? { status: 'ok' }],
  );
  return {
    isOk: parts.every(([, { status }]) => status === 'ok'),
    health: Object.fromEntries(
      parts.map(([name, health]): [string, Json] => [name, healthBody(health)]),
    ),
  };
};

const healthBody = ({ status, code, since }: PartHealth): Json => ({
  status,
  ...(code !== undefined && { code }),
  ...(since !== undefined && { since: new Date(since).toISOString() }),
});

/**
 * `GET /v1/live` and `GET /v1/health`, without authentication. The first reads nothing; the second fails if the store is
 * unreachable, and is `degraded` if another part fails.
 */
export const healthRoutes = (
  platform: Parts & Pick<Platform, 'store'>,
  version: string,
  parts: () => { [part: string]: Json },
) => {
  const { store, languageModel, embedder } = platform;
  const routes = createRoutes('Service');

  routes.get('/v1/live', {
    permission: 'public',
    openapi: describe(() => ({
      operationId: 'getLive',
      summary: 'Ask whether the process answers',
      description:
        'Reads nothing, so it answers while the store, the model, the embedder or the index fail. For liveness probes; `GET /v1/health` is for readiness.',
      responses: { 200: Live },
      example: {},
    })),
    handler: (c) => c.json({ status: 'ok', version }),
  });

  routes.get('/v1/health', {
    permission: 'public',
    openapi: describe(() => ({
      operationId: 'getHealth',
      summary: 'Get the health of the service',
      description:
        '`degraded` while the model, the embedder or the index fails. A 503 if the store cannot be reached.',
      responses: { 200: Health },
      example: {},
    })),
    handler: async (c) => {
      await store.check();
      const { isOk, health } = healthOf(platform);
      return c.json({
        status: isOk ? 'ok' : 'degraded',
        version,
        model: languageModel.name,
        quality: languageModel.quality,
        embedder: embedder.model,
        health,
        ...parts(),
      });
    },
  });

  return routes.all;
};
