import { writeFileSync } from 'node:fs';
import manifest from '../../package.json' with { type: 'json' };
import { createAuthenticator } from '../../shared/core/projects/api-keys.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { apiRoutes } from '../api/app.ts';
import { openApiDocument } from '../api/openapi/document.ts';

const platform = createLocalPlatform({ path: ':memory:' });
const { version } = manifest;
const routes = apiRoutes(
  { ...platform, limiterStore: createLimiterStore(platform) },
  { authenticate: createAuthenticator(platform), version },
);
const file = new URL('../api/openapi/openapi.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(openApiDocument(routes, version), null, 2)}\n`);
await platform.close();
