import { parseArgs } from 'node:util';
import { startService } from '../../../functions/local/service.ts';
import { parseAllowlistEntry } from '../../../shared/domain/webhooks/allowlist.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { openApp } from './open-service.ts';
import { startProbe } from './probe.ts';

// Local service with a probe on its main thread.
const { values } = parseArgs({
  options: { folder: { type: 'string', default: '' }, receiver: { type: 'string', default: '' } },
});
const pair = parseAllowlistEntry(values.receiver);
const { platform, app, usage, keys } = await openApp({
  dataDir: values.folder,
  webhookAllow: pair ? [pair] : [],
});
const config = { ...readConfig({}), port: 0 };
const { url } = await startService(platform, app, config, usage);
startProbe({ url, keys });
