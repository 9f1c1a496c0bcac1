import {
  createMemory,
  type LocalMemory,
  type MemoryOptions,
} from '../../../functions/library/index.ts';

/** Opens a memory for one piece of work. The memory is closed however the work ends, and its folder is free again. */
export const withMemory = async <T>(
  options: MemoryOptions,
  work: (memory: LocalMemory) => Promise<T>,
): Promise<T> => {
  // Where the work is a block of code, `await using memory = await createMemory(options)` closes the memory at its end.
  const memory = await createMemory(options);
  try {
    return await work(memory);
  } finally {
    await memory.close();
  }
};
