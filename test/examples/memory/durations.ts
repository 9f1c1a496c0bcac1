import { type MemoryOperations, TurnstoneError } from '../../../functions/library/index.ts';

export interface Duration {
  operation: string;
  ms: number;
  /** `ok`, or the code of the error. */
  outcome: string;
}

/** Runs one operation and logs how long it took, without its texts. */
export const timed = async <T>(
  memory: MemoryOperations,
  operation: keyof MemoryOperations,
  call: (memory: MemoryOperations) => Promise<T>,
  log: (duration: Duration) => void,
): Promise<T> => {
  const startedAt = performance.now();
  const record = (outcome: string): void =>
    log({ operation, ms: performance.now() - startedAt, outcome });
  try {
    const result = await call(memory);
    record('ok');
    return result;
  } catch (error) {
    record(error instanceof TurnstoneError ? error.code : 'unexpected');
    throw error;
  }
};
