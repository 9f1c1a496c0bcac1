import type { Memory } from '../../domain/memory/memory.ts';
import type { Item } from '../../domain/table/items.ts';
import { memoryKey, recentKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { versionIs } from '../conditions.ts';
import { put, remove } from '../steps.ts';

/**
 * Writes the next version of a live memory outside refinement, in one transaction conditional on the version of `before`.
 * Readers find the new version at once through a recent pointer, until the index holds it. Undefined when the memory was
 * written in the meantime.
 * @param extraWrites further writes of the same transaction
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
  const keepsVector = after.text === before.text && before.vector !== undefined;
  const written: Item<'MEMORY'> = {
    ...kept,
    ...(keepsVector && before.vectorModel !== undefined && before.vector !== undefined
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
