import type { Telemetry } from '../../ports/telemetry.ts';
import { storeError } from './errors.ts';

/** Runs calls of the service; what they throw becomes what a store throws. */
export type withStoreErrors = <T>(operation: string, work: () => Promise<T>) => Promise<T>;

export const createStoreCall =
  (telemetry: Telemetry | undefined): withStoreErrors =>
  async (operation, work) => {
    try {
      return await work();
    } catch (error) {
      const failure = storeError(error);
      const code =
        failure instanceof Error && 'code' in failure ? String(failure.code) : 'internal';
      const cause = error instanceof Error ? error.name : typeof error;
      telemetry?.log('warn', 'store.failed', { operation, code, cause });
      throw failure;
    }
  };
