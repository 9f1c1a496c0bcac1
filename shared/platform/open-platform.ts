import manifest from '../../package.json' with { type: 'json' };
import { systemClock } from '../adapters/system/clock.ts';
import type { MetricFamily, MetricsExport } from '../ports/metrics.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Tracing } from '../ports/tracing.ts';
import type { Config } from './config/config.ts';
import { createLocalPlatform, localTelemetry, type ProcessPlatform } from './local.ts';

/** True if the store or the index is a file in the data folder. Such a folder belongs to one process at a time. */
export const usesDataDir = ({ storeKind, indexKind }: Config): boolean =>
  storeKind === 'sqlite' || indexKind === 'sqlite';

const usesRemoteServices = ({ storeKind, queueKind, indexKind }: Config): boolean =>
  storeKind !== 'sqlite' || queueKind !== 'memory' || indexKind !== 'sqlite';

const indexLocation = ({ indexKind, pineconeHost, vectorBucket }: Config): string => {
  if (indexKind === 'sqlite') return 'an index inside the data folder';
  return indexKind === 'pinecone' ? `Pinecone at ${pineconeHost}` : `S3 Vectors in ${vectorBucket}`;
};

/** Describes in words where the data and the index are. */
export const describeLocations = (
  config: Config,
  folder: string,
): { data: string; index: string } => ({
  data: config.storeKind === 'sqlite' ? folder : `the DynamoDB table ${config.table}`,
  index: indexLocation(config),
});

/** Whether a signal is exported: OTLP is among its exporters, or none are named and a URL of a collector is. */
const exportsTo = (
  { otelDisabled }: Config,
  exporters: readonly string[] | undefined,
  ...urls: (string | undefined)[]
): boolean =>
  otelDisabled === 'false' &&
  (exporters ? exporters.includes('otlp') : urls.some((url) => url !== undefined));

const exportsTraces = (config: Config): boolean =>
  exportsTo(config, config.tracesExporter, config.otlpEndpoint, config.otlpTracesEndpoint);

/** Whether the settings ask for metrics at a collector. */
export const exportsMetrics = (config: Config): boolean =>
  exportsTo(config, config.metricsExporter, config.otlpEndpoint, config.otlpMetricsEndpoint);

/** Loads the SDK of OpenTelemetry only if a setting asks for traces: the start of others is not slower. */
const tracingOf = async (config: Config): Promise<{ tracing?: Tracing }> => {
  if (!exportsTraces(config)) return {};
  const { createOtelTracing } = await import('../adapters/otel/otel-tracing.ts');
  const { otelServiceName, tracesSampler, tracesSamplerRatio, exportIntervalMs } = config;
  return {
    tracing: createOtelTracing({
      serviceName: otelServiceName,
      version: manifest.version,
      sampler: tracesSampler,
      ratio: tracesSamplerRatio,
      exportIntervalMs,
    }),
  };
};

/** Begins to export metrics if a setting asks for it. Loads the SDK of OpenTelemetry only then. */
export const openMetricsExport = async (
  config: Config,
  read: () => readonly MetricFamily[],
): Promise<MetricsExport | undefined> => {
  if (!exportsMetrics(config)) return undefined;
  const { createOtelMetrics } = await import('../adapters/otel/otel-metrics.ts');
  const { otelServiceName: serviceName, metricExportIntervalMs: exportIntervalMs } = config;
  return createOtelMetrics({ serviceName, version: manifest.version, exportIntervalMs }, read);
};

/**
 * Opens the platform that the settings describe: all parts on this machine, or some of them remote services. Clients of
 * remote services are loaded only if the settings name one.
 * @param observe returns the log to use in place of the one that the settings describe
 * @throws TerminalError missing_setting, or when the data folder cannot be used
 */
export const openPlatform = async (
  config: Config,
  observe: (log: Telemetry) => Telemetry = (log) => log,
): Promise<ProcessPlatform> => {
  const telemetry = observe(localTelemetry(config, systemClock));
  const parts = { telemetry, ...(await tracingOf(config)) };
  if (!usesRemoteServices(config)) return createLocalPlatform({ ...config, ...parts });
  const { createRemotePlatform } = await import('./remote.ts');
  return createRemotePlatform(config, parts);
};
