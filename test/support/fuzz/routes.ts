import { createApp } from '../../../functions/api/app.ts';
import { createAuthenticator } from '../../../shared/core/projects/api-keys.ts';
import { createLocalPlatform } from '../../../shared/platform/local.ts';

/** Every route of the app, such as `GET /v1/events/:id`, without middleware. */
export const routesOfApp = async (): Promise<string[]> => {
  const platform = createLocalPlatform({ path: ':memory:' });
  const app = createApp(platform, {
    authenticate: createAuthenticator(platform),
    version: '0.0.0-test',
  });
  await platform.close();
  const routes = app.routes.filter(({ method }) => method !== 'ALL');
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))].sort();
};
