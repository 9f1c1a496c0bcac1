import type { Filter } from '../../domain/memory/filter.ts';
import type { MemoryView } from '../../domain/memory/memory.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { listMemories } from '../retrieval/list.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { viewOf } from '../retrieval/view.ts';

/** Lists refined memories that are true now, newest first, strongly consistent. Derived results are made from these alone. */
export const listSources = async (
  platform: Platform,
  project: string,
  filter: Filter,
  limit: number,
): Promise<MemoryView[]> => {
  const { memories } = await listMemories(platform, project, {
    filter,
    skip: 0,
    limit,
    includeRough: false,
  });
  return memories;
};

/** Reads memories again, strongly consistent, in order; without those that were deleted or are no longer true. */
export const readSources = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<MemoryView[]> => {
  const { isKept } = await readabilityOf(platform, project, [], ids);
  const found = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  return found.flatMap((memory) =>
    memory?.state === 'live' && isKept(memory.id) ? [viewOf(memory)] : [],
  );
};
