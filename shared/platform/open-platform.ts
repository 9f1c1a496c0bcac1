import type { Config } from './config/config.ts';
import { createLocalPlatform, type ProcessPlatform } from './local.ts';

/** Whether something is kept in the data folder, which then belongs to one process. */
export const usesDataDir = ({ storeKind, indexKind }: Config): boolean =>
  storeKind === 'sqlite' || indexKind === 'sqlite';

const usesServices = ({ storeKind, queueKind, indexKind }: Config): boolean =>
  storeKind !== 'sqlite' || queueKind !== 'memory' || indexKind !== 'sqlite';

/** What of the parts is where, in words. */
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

/**
 * The platform of a process of its own, on this machine or on services as the settings say. What speaks to those is
 * loaded only then.
 * @throws TerminalError missing_setting, or when the data folder cannot be used
 */
export const openPlatform = async (config: Config): Promise<ProcessPlatform> => {
  if (!usesServices(config)) return createLocalPlatform(config);
  const { createServicesPlatform } = await import('./remote.ts');
  return createServicesPlatform(config);
};
