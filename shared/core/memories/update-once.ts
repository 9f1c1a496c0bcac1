import type { MemoryView } from '../../domain/memory/memory.ts';
import { idempotencyKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { requestIsNew } from '../conditions.ts';
import { idempotencyWrite, toIdempotencyRecord } from '../idempotency.ts';
import { memorySpan } from '../traced.ts';
import type { MemoryEdit } from './correct-turn.ts';
import { getMemory } from './read-memories.ts';
import { tryUpdate, type UpdateResult } from './update-memory.ts';

/** `replayed`: an earlier request with the key has made the edit; the memory is that of now. */
export type OnceResult =
  | UpdateResult
  | { outcome: 'replayed'; memory: MemoryView }
  | { outcome: 'key_reused' };

const editOnce = async (
  platform: Platform,
  project: string,
  id: string,
  edit: MemoryEdit,
  key: string,
): Promise<OnceResult> => {
  const record = toIdempotencyRecord({ idempotencyKey: key, update: id, edit });
  if (!record) throw new TypeError('A request with a key has a record.');
  const createdAt = platform.clock.now();
  const claim = idempotencyWrite({ id, event: id, project, createdAt }, record, requestIsNew);
  for (;;) {
    const earlier = await platform.store.get(idempotencyKey(project, record.hash));
    if (earlier && earlier.request !== record.request) return { outcome: 'key_reused' };
    if (earlier) {
      const memory = await getMemory(platform, project, id);
      return memory ? { outcome: 'replayed', memory } : { outcome: 'not_found' };
    }
    const result = await tryUpdate(platform, project, id, edit, [claim]);
    if (result) return result;
  }
};

/**
 * Changes a memory as `updateMemory` does, exactly once for each idempotency key within 24 hours: the key is claimed in the transaction
 * of the edit. To repeat the call is safe, also after a crash or a lost answer. An edit that is refused claims nothing.
 */
export const updateMemoryOnce = (
  platform: Platform,
  project: string,
  id: string,
  edit: MemoryEdit,
  key: string,
): Promise<OnceResult> =>
  memorySpan(platform, 'update_memory', { project, record: id }, () =>
    editOnce(platform, project, id, edit, key),
  );
