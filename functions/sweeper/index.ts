import { reindexIfChanged } from '../../shared/core/jobs/reindex.ts';
import { createSweeperPlatform, indexConfigOf } from '../../shared/platform/aws/sweeper.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createSweeperHandler, sweepLimits } from './handler.ts';

const config = readConfig();
const platform = createSweeperPlatform(config);
const sweep = createSweeperHandler(platform, sweepLimits);

/** Lambda entry of the schedule. Also starts a reindex after a deployment with another embedder or index layout. */
export const handler = async () => {
  const swept = await sweep();
  await reindexIfChanged(platform, indexConfigOf(config));
  return swept;
};
