import { type SweepLimits, sweep } from '../../shared/core/sweep.ts';
import type { CorePlatform } from '../../shared/ports/platform.ts';

/** A sweep on AWS has the timeout of its function, 50 s, less the time for a reindex that begins. */
export const sweepLimits: SweepLimits = { maxItems: 1_000_000, maxMs: 18_000 };

/** Sends hints for due work whose own hints were lost. */
export const createSweeperHandler = (platform: CorePlatform, limits?: SweepLimits) => async () => {
  const swept = await sweep(platform, limits);
  platform.telemetry.log('debug', 'sweep.done', swept);
  return swept;
};
