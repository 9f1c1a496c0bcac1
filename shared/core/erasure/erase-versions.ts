import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { parseClosedVersionId } from '../../domain/memory/derived-ids.ts';
import type { Memory, Revision } from '../../domain/memory/memory.ts';
import { memoryKey, revisionKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commitTogether } from '../commit-together.ts';
import { itemExists } from '../conditions.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { update } from '../steps.ts';
import { erasureBytes } from '../store-limits.ts';
import { type ErasedEvent, eraseFromChanges } from './erase-turn.ts';
import { redactOutboxes } from './redact-outboxes.ts';

/** The revisions that wrote the text of a version, and the one that replaced it. */
const spanOf = (
  revisions: readonly Revision[],
  last: number,
): { own: Revision[]; next: Revision[] } => {
  // An edit leaves no version: the texts before it, back to what a turn wrote, are those of this version as well.
  const written = revisions.filter(({ version }) => version <= last);
  const first = written.findLast(({ type, turn }) => type === 'ADD' || turn !== undefined);
  return {
    own: written.filter(({ version }) => version >= (first?.version ?? last)),
    next: revisions.filter(({ version }) => version === last + 1),
  };
};

const eraseVersion = async (
  platform: Platform,
  current: Memory,
  version: number,
): Promise<void> => {
  const { project, id } = current;
  const { own, next } = spanOf(await revisionsOf(platform, project, id), version);
  const [, ...edits] = own;
  await commitTogether(
    platform,
    [...own, ...next].map((revision) => {
      const lost: ('oldText' | 'newText')[] = [];
      if (own.includes(revision)) lost.push('newText');
      if (edits.includes(revision) || next.includes(revision)) lost.push('oldText');
      const key = revisionKey(project, id, revision.version);
      const values = own.includes(revision) ? { metadata: {} } : {};
      const steps = [update(key, values, itemExists, lost)];
      return { subject: key, steps, bytes: erasureBytes(revision) };
    }),
  );
  const eventsOf = (some: readonly Revision[], more: Omit<ErasedEvent, 'event'>): ErasedEvent[] =>
    some.flatMap(({ event }) => (event === undefined ? [] : [{ event, ...more }]));
  await eraseFromChanges(platform, project, [
    ...eventsOf(own, { memories: new Set([id]) }),
    ...eventsOf(next, { memories: new Set(), previous: id }),
  ]);
  // The webhook of the replacement quotes both texts, and loses both: receivers can look the memory up.
  const memory = { ...current, lineage: [] };
  await redactOutboxes(platform, project, [{ memory, revisions: [...own, ...next] }]);
};

/**
 * Erases the texts of closed versions from the history, events and webhooks of the memories that replaced them and stay, as after a
 * delete-all by metadata that covers a version alone. A memory that is deleted itself erases its whole history. Safe to repeat.
 */
export const eraseVersions = async (
  platform: Platform,
  project: string,
  memories: readonly Memory[],
): Promise<void> => {
  const versions = memories.flatMap(({ id }) => parseClosedVersionId(id) ?? []);
  if (versions.length === 0) return;
  const keys = versions.map(({ memory }) => memoryKey(project, memory));
  const found = await platform.store.getMany(keys);
  const covered = versions.flatMap(({ version }, at) => {
    const current = found[at];
    return current && current.state !== 'deleted' ? [{ current, version }] : [];
  });
  await mapConcurrent(covered, ({ current, version }) => eraseVersion(platform, current, version));
};
