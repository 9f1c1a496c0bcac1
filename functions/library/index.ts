import { ConfigurationError } from './errors.ts';
import type { LocalMemory, MemoryOptions } from './memory-interface.ts';

export * from './client.ts';

const oldestNode = 24;

/**
 * Opens a memory in this process, on a data folder: the same service as `npm start`, without HTTP. Needs Node 24.
 * @throws ConfigurationError unsupported_runtime, bad_setting, data_in_use, data_unwritable
 */
export const createMemory = async (options: MemoryOptions = {}): Promise<LocalMemory> => {
  const version = globalThis.process?.versions?.node ?? '0';
  if (Number.parseInt(version, 10) < oldestNode)
    throw new ConfigurationError(
      'unsupported_runtime',
      `createMemory needs Node ${oldestNode} or newer; createClient does not.`,
      { operation: 'createMemory' },
    );
  // Loaded on the first call, since older versions of Node cannot load it.
  const { openMemory } = await import('./open-memory.ts');
  return openMemory(options);
};
