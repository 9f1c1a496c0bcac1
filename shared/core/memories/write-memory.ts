import type { Memory } from '../../domain/memory/memory.ts';
import type { Item } from '../../domain/table/items.ts';
import { memoryKey, recentKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { put, remove } from '../steps.ts';

/**
 * Writes the next version of a live memory outside refinement, if nobody wrote it since `before` was read: readers look at it
 * directly, through a pointer of its own, until the index holds it. Undefined when it was written meanwhile.
 */
export const writeMemory = async (
  platform: Platform,
  before: Memory,
  after: Memory,
  extraWrites: (written: Memory) => readonly Step[] = () => [],
): Promise<Memory | undefined> => {
  const { project, id } = before;
  const pointer = platform.ids.next();
  const { vector: _, vectorModel: __, visibleAt: ___, ...kept } = after;
  const textKept = after.text === before.text && before.vector !== undefined;
  const written: Item<'MEMORY'> = {
    ...kept,
    ...(textKept && before.vectorModel !== undefined && before.vector !== undefined
      ? { vector: before.vector, vectorModel: before.vectorModel }
      : {}),
    version: before.version + 1,
    pointer,
    dueAt: platform.clock.now(),
  };
  const oldPointers =
    before.pointer === undefined ? [] : recentKeys(project, before, before.pointer);
  const { committed } = await commit(platform, [
    put(memoryKey(project, id), written, versionIs(before.version)),
    ...oldPointers.map((key) => remove(key)),
    ...recentKeys(project, written, pointer).map((key) => put(key, { memory: id })),
    ...extraWrites(written),
  ]);
  return committed ? written : undefined;
};
