import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { findById } from '../memories/find-by-id.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { closedVersionIds } from './erase-copies.ts';

/** Returns how many earlier versions a deletion of the id would delete with the memory; 0 for anything but a memory. */
export const countVersions = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<number> => {
  const memory = (await findById(platform, project, id))?.memory;
  if (!memory) return 0;
  const revisions = await revisionsOf(platform, project, memory.id);
  const ids = closedVersionIds({ memory, revisions });
  const versions = await platform.store.getMany(ids.map((one) => memoryKey(project, one)));
  return versions.filter((version) => version?.state === 'closed').length;
};
