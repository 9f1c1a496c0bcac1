import manifest from '../../package.json' with { type: 'json' };
import type { Tracing } from '../ports/tracing.ts';
import type { Config } from './config/config.ts';
import { createLocalPlatform, type ProcessPlatform } from './local.ts';

/** True if the store or the index is a file in the data folder. Such a folder belongs to one process at a time. */
export const usesDataDir = ({ storeKind, indexKind }: Config): boolean =>
  storeKind === 'sqlite' || indexKind === 'sqlite';

const usesRemoteServices = ({ storeKind, queueKind, indexKind }: Config): boolean =>
  storeKind !== 'sqlite' || queueKind !== 'memory' || indexKind !== 'sqlite';

/** Describes in words where the data and the index are. */
export const describeLocations = (
  config: Config,
  folder: string,
): { data: string; index: string } => ({
  data: config.storeKind === 'sqlite' ? folder : `the DynamoDB table ${config.table}`,
  index:
    config.indexKind === 'sqlite'
      ? 'an index inside the data folder'
      : `Pinecone at ${config.pineconeHost}`,
});

const exportsTraces = ({ otlpEndpoint, otlpTracesEndpoint, otelDisabled }: Config): boolean =>
  otelDisabled === 'false' && (otlpEndpoint ?? otlpTracesEndpoint) !== undefined;

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

/**
 * Opens the platform that the settings describe: all parts on this machine, or some of them remote services. Clients of
 * remote services are loaded only if the settings name one.
 * @throws TerminalError missing_setting, or when the data folder cannot be used
 */
export const openPlatform = async (config: Config): Promise<ProcessPlatform> => {
  const traced = await tracingOf(config);
  if (!usesRemoteServices(config)) return createLocalPlatform({ ...config, ...traced });
  const { createRemotePlatform } = await import('./remote.ts');
  return createRemotePlatform(config, traced);
};
