import { toErrorInfo } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';

/**
 * Runs work that something else repeats when it fails, such as a due time: an error is logged under the name of the event, with
 * its code, and not thrown.
 */
export const logFailure = async (
  { telemetry }: Pick<Platform, 'telemetry'>,
  project: string,
  event: string,
  work: () => Promise<unknown>,
): Promise<void> => {
  try {
    await work();
  } catch (error) {
    telemetry.log('warn', event, { project, code: toErrorInfo(error).code });
  }
};
