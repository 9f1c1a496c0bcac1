import { isOptions } from './checked-calls.ts';
import { ConfigurationError } from './errors.ts';
import type { LocalMemory, MemoryOptions } from './memory-interface.ts';

export * from './client.ts';

const oldestNode = 24;

/**
 * Opens a memory in this process, on a data folder: the same service as `npm start`, without HTTP. Needs Node 24.
 * @throws ConfigurationError unsupported_runtime, bad_setting, data_in_use, data_unwritable
 */
export const createMemory = async (
  options: MemoryOptions = {},
  ...further: readonly never[]
): Promise<LocalMemory> => {
  const version = globalThis.process?.versions?.node ?? '0';
  if (Number.parseInt(version, 10) < oldestNode)
    throw new ConfigurationError(
      'unsupported_runtime',
      `createMemory needs Node ${oldestNode} or newer; createClient does not.`,
      { operation: 'createMemory' },
    );
  if (!isOptions(options) || further.length > 0)
    throw new ConfigurationError(
      'bad_setting',
      'createMemory takes one argument, an object of options.',
      { operation: 'createMemory' },
      { field: 'options' },
    );
  // Loaded on the first call, since older versions of Node cannot load it.
  const { openMemory } = await import('./open-memory.ts');
  return openMemory(options);
};
