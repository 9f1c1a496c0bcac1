import type { Entity } from '../domain/memory/entities.ts';
import type { Metadata } from '../domain/memory/turn.ts';
import { entityRecordKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { entityIsAt } from './conditions.ts';
import { put, update } from './steps.ts';

/**
 * Creates an entity before any turn names the entity, or gives new metadata to one that exists. The entity is listed from the answer
 * on, until a delete-all of the entity, of its kind or of everything. A concurrent delete-all is noticed by the record's revision, and the write is
 * made again after it. Safe to repeat.
 * @param metadata replaces earlier metadata; undefined keeps them
 */
export const declareEntity = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  project: string,
  entity: Entity,
  metadata: Metadata | undefined,
): Promise<void> => {
  const { store, clock, ids } = platform;
  const key = entityRecordKey(project, entity);
  for (;;) {
    const record = await store.get(key);
    const declaration = { declared: ids.next(), ...(metadata ? { metadata } : {}) };
    const unchanged = entityIsAt(record?.revision ?? 0);
    const step = record
      ? update(key, declaration, unchanged, ['expiresAt'])
      : put(
          key,
          { ...entity, createdAt: clock.now(), revision: 0, cutoffs: [], ...declaration },
          unchanged,
        );
    if ((await commit(platform, [step])).committed) return;
  }
};
