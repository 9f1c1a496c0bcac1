import { layoutOf } from '../adapters/s3vectors/layout.ts';
import type { S3VectorIndexSettings } from '../adapters/s3vectors/vector-index.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import { type Config, rejectLongVectors, withSettings } from './config/config.ts';

/**
 * Returns the vectors' place that the settings name.
 * @throws TerminalError missing_setting, bad_setting
 */
export const vectorLayoutOf = (config: Config) => {
  const { vectorBucket: bucket } = withSettings(config, 'TURNSTONE_INDEX=s3vectors', [
    'vectorBucket',
  ]);
  rejectLongVectors(config);
  const { vectorIndexes: indexes, pineconeDimension: dimension } = config;
  return { bucket, indexes, dimension };
};

/**
 * The vector index on S3 Vectors, whose code is loaded on first use: a function whose index is another never reads it.
 * @throws TerminalError missing_setting, bad_setting
 */
export const createLazyS3VectorIndex = (
  config: Config,
  store: S3VectorIndexSettings['store'],
): VectorIndex => {
  const layout = vectorLayoutOf(config);
  let loaded: Promise<VectorIndex> | undefined;
  const load = async (): Promise<VectorIndex> => {
    const { createS3VectorIndex } = await import('../adapters/s3vectors/vector-index.ts');
    return createS3VectorIndex({ ...layout, store });
  };
  const index = (): Promise<VectorIndex> => {
    loaded ??= load();
    return loaded;
  };
  return {
    layout: layoutOf(layout),
    upsert: async (project, entries) => (await index()).upsert(project, entries),
    remove: async (project, entries) => (await index()).remove(project, entries),
    query: async (query) => (await index()).query(query),
    areVisible: async (project, entries) => (await index()).areVisible(project, entries),
  };
};
