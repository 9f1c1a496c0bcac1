import type { Memory } from '../../domain/memory/memory.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';

/** Entries of older versions that the index may hold, and of the current one when the memory is deleted. */
export const oldVersionEntries = ({
  id,
  entities,
  extraEntities,
  version,
  state,
  oldestIndexedVersion = 1,
}: Memory) => {
  const end = state === 'deleted' ? version + 1 : version;
  return Array.from({ length: Math.max(0, end - oldestIndexedVersion) }, (_, index) => ({
    id: vectorId(id, oldestIndexedVersion + index),
    entities,
    ...(extraEntities ? { extraEntities } : {}),
  }));
};
