import { sweep } from '../../shared/core/sweep.ts';
import type { CorePlatform } from '../../shared/ports/platform.ts';

/** Finds what lost hints left behind; runs on a schedule. */
export const createSweeperHandler = (platform: CorePlatform) => async () => {
  const swept = await sweep(platform);
  platform.telemetry.log('debug', 'sweep.done', swept);
  return swept;
};
