import { sweep } from '../../shared/core/sweep.ts';
import type { CorePlatform } from '../../shared/ports/platform.ts';

/** Sends hints for due work whose own hints were lost. */
export const createSweeperHandler = (platform: CorePlatform) => async () => {
  const swept = await sweep(platform);
  platform.telemetry.log('debug', 'sweep.done', swept);
  return swept;
};
