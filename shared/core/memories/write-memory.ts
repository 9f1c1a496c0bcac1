import type { Memory } from '../../domain/memory/memory.ts';
import type { Item } from '../../domain/table/items.ts';
import { memoryKey, recentKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { versionIs } from '../conditions.ts';
import { firstIndexCheckAt } from '../indexing/index-delays.ts';
import { put, remove } from '../steps.ts';

/** The next version of a live memory, and its writes. */
export interface NextVersion {
  written: Memory;
  steps: Step[];
}

/**
 * Writes of the next version of a live memory outside refinement, conditional on the version of `before`. Readers find the
 * new version at once through a recent pointer, until the index holds it.
 * @param extraWrites further writes of the same transaction
 */
export const nextVersion = (
  { clock, ids, vectorIndex }: Pick<Platform, 'clock' | 'ids' | 'vectorIndex'>,
  before: Memory,
  after: Memory,
  extraWrites: (written: Memory) => readonly Step[],
): NextVersion => {
  const { project, id } = before;
  const pointer = ids.next();
  const { vector: _, vectorModel: __, visibleAt: ___, ...kept } = after;
  const written: Item<'MEMORY'> = {
    ...kept,
    version: before.version + 1,
    pointer,
    dueAt: firstIndexCheckAt(vectorIndex, clock.now()),
  };
  const oldPointers =
    before.pointer === undefined ? [] : recentKeys(project, before, before.pointer);
  const steps = [
    put(memoryKey(project, id), written, versionIs(before.version)),
    ...oldPointers.map((key) => remove(key)),
    ...recentKeys(project, written, pointer).map((key) => put(key, { memory: id })),
    ...extraWrites(written),
  ];
  return { written, steps };
};
