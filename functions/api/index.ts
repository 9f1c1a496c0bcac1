import manifest from '../../package.json' with { type: 'json' };
import { createAuthenticator } from '../../shared/core/projects/api-keys.ts';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { createApiPlatform } from '../../shared/platform/aws/api.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { mountPages } from '../pages/routes.ts';
import { ratesOf } from './access/rate-limits.ts';
import { createApp } from './app.ts';
import { createGatewayHandler, gatewayAddress } from './gateway-event.ts';

/** Lambda limits a request to 6 MB, in which a body encoded as base64 may have 4.5 MB. */
const attachedBodyBytes = 4.5 * 1_048_576;

const config = readConfig();
const platform = createApiPlatform(config);

/** Lambda entry for requests to the HTTP API. */
export const handler = createGatewayHandler(
  createApp(platform, {
    authenticate: createAuthenticator(platform),
    version: manifest.version,
    attachedBodyBytes,
    corsOrigins: config.corsOrigins,
    describe: () => ({ stage: config.stage }),
    rates: ratesOf(config),
    wrongKeysPerMinute: config.wrongKeysPerMinute,
    addressOf: gatewayAddress(config.trustProxy),
    usage: createUsageMeter(platform),
    modelPrices: config.modelPrices,
    flushesUsage: true,
    streams: false,
    pages: mountPages,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
  }),
);
