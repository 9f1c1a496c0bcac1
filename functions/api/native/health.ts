import { Hono } from 'hono';
import type { Json } from '../../../shared/domain/turn.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Api } from '../edge/api.ts';

/** `GET /v1/health`: needs no key. An error when the store cannot be reached. */
export const healthRoutes = (
  { store, languageModel, embedder }: Pick<Platform, 'store' | 'languageModel' | 'embedder'>,
  version: string,
  describe: () => { [part: string]: Json },
) => {
  const routes = new Hono<Api>();

  routes.get('/v1/health', async (c) => {
    await store.check();
    return c.json({
      status: 'ok',
      version,
      model: languageModel.name,
      quality: languageModel.quality,
      embedder: embedder.model,
      ...describe(),
    });
  });

  return routes;
};
