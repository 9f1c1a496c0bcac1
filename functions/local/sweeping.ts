import type { Platform } from '../../shared/ports/platform.ts';
import { errorFields } from '../error-fields.ts';

/** Sweeps now and every `intervalMs` until `stop`; a sweep that fails is logged, the next one tries again. */
export const runSweeps = async (
  { clock, telemetry }: Pick<Platform, 'clock' | 'telemetry'>,
  sweep: () => Promise<unknown>,
  intervalMs: number,
  stop: AbortSignal,
): Promise<void> => {
  while (!stop.aborted) {
    try {
      await sweep();
    } catch (error) {
      telemetry.log('error', 'sweep.failed', errorFields(error));
    }
    await clock.sleep(intervalMs, stop);
  }
};
