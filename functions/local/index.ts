import { resolve } from 'node:path';
import { getConnInfo } from '@hono/node-server/conninfo';
import manifest from '../../package.json' with { type: 'json' };
import { createAuthenticator, hasKey } from '../../shared/core/projects/api-keys.ts';
import { countWork } from '../../shared/core/projects/count-work.ts';
import { ensureDefaultProject } from '../../shared/core/projects/projects.ts';
import { createUsageMeter } from '../../shared/core/projects/usage-meter.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { warnAboutPrivateTargets } from '../../shared/platform/config-to-options.ts';
import { closeDataFolder, lockData, secretKeyFile } from '../../shared/platform/local.ts';
import {
  describeLocations,
  exportsMetrics,
  openMetricsExport,
  openPlatform,
  usesDataDir,
} from '../../shared/platform/open-platform.ts';
import { callerAddress } from '../api/access/caller-address.ts';
import { ratesOf } from '../api/access/rate-limits.ts';
import { createApp } from '../api/app.ts';
import { mountPages } from '../pages/routes.ts';
import { rejectArguments, runCommand } from '../run-command.ts';
import { banner } from './banner.ts';
import { createMetrics, serveMetrics } from './metrics.ts';
import { prepareData } from './prepare-data.ts';
import { startService } from './service.ts';
import { rejectLostKey, writeFirstKey } from './startup-keys.ts';

const help = `Runs the whole service on this machine: HTTP, refinement, index, webhooks, sweeper. Ctrl-C drains it.
Usage: npm start
Settings are environment variables; .env.example has all of them with their defaults.`;

await runCommand(help, async () => {
  rejectArguments(help);
  const config = readConfig();
  closeDataFolder(config);
  const unlock = usesDataDir(config) ? lockData(config) : () => {};
  const metrics =
    config.metricsPort !== undefined || exportsMetrics(config)
      ? createMetrics(manifest.version)
      : undefined;
  const platform = await openPlatform(config, metrics?.observe);
  if (config.secretKey === undefined) await rejectLostKey(platform, secretKeyFile(config));
  warnAboutPrivateTargets(config, platform.telemetry);
  const { project, createdKey } = await ensureDefaultProject(platform, config.apiKey);
  const isTerminal = process.stdout.isTTY;
  const keyFile =
    createdKey === undefined || isTerminal
      ? undefined
      : writeFirstKey(resolve(config.dataDir), createdKey);
  const usage = createUsageMeter(platform);
  const closing = new AbortController();
  await prepareData(platform, config.storeKind === 'sqlite');
  const app = createApp(platform, {
    authenticate: createAuthenticator(platform),
    version: manifest.version,
    corsOrigins: config.corsOrigins,
    describe: () => ({ parts: platform.parts }),
    rates: ratesOf(config),
    wrongKeysPerMinute: config.wrongKeysPerMinute,
    addressOf: (c) => {
      const forwarded = c.req.header('x-forwarded-for');
      return callerAddress(getConnInfo(c).remote.address, forwarded, config.trustProxy);
    },
    usage,
    modelPrices: config.modelPrices,
    closing: closing.signal,
    pages: mountPages,
    ...(config.publicUrl === undefined ? {} : { publicUrl: config.publicUrl }),
  });
  const counted = { ...platform, telemetry: countWork(usage, platform.telemetry) };
  const service = await startService(counted, app, config, usage);
  const metricsServer =
    metrics && config.metricsPort !== undefined
      ? await serveMetrics(metrics, config.host, config.metricsPort)
      : undefined;
  const metricsExport = metrics && (await openMetricsExport(config, metrics.families));

  let isStopping = false;
  const shutDown = async (signal: string): Promise<void> => {
    if (isStopping) return;
    isStopping = true;
    platform.telemetry.log('info', 'service.stopping', { signal });
    metricsServer?.close();
    closing.abort();
    await service.drain();
    await Promise.all([platform.close(), metricsExport?.close()]);
    unlock();
    process.exit(0);
  };
  process.on('SIGTERM', shutDown);
  process.on('SIGINT', shutDown);

  process.stdout.write(
    banner(platform, {
      version: manifest.version,
      url: service.url,
      ...describeLocations(config, resolve(config.dataDir)),
      createdKey: isTerminal ? createdKey : undefined,
      keyFile,
      hasPreset: config.apiKey !== undefined,
      hasKey: await hasKey(platform, project.id),
      metricsUrl: metricsServer?.url,
    }),
  );
  await platform.warm();
});
