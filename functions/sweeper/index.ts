import { reindexIfChanged } from '../../shared/core/jobs/reindex.ts';
import { createSweeperPlatform, indexConfigOf } from '../../shared/platform/aws/sweeper.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createSweeperHandler } from './handler.ts';

const config = readConfig();
const platform = createSweeperPlatform(config);
const sweep = createSweeperHandler(platform);

/** On a schedule. After a deployment with another embedder or layout of the index, it is also who notices. */
export const handler = async () => {
  const swept = await sweep();
  await reindexIfChanged(platform, indexConfigOf(config));
  return swept;
};
