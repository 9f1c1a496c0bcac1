import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { parseMessageId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { changeEvent } from '../change-events.ts';
import { findById, type Subject } from '../memories/find-by-id.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { memorySpan, recordCount } from '../traced.ts';
import { cancelTurn } from './cancel-turn.ts';
import { deleteMessage } from './delete-message.ts';
import { deleteTogether } from './delete-together.ts';
import { closedVersionIds } from './erase-copies.ts';

export type DeleteOutcome = 'deleted' | 'not_found' | 'is_version';

/** The outcome of a deletion that deletes nothing. */
const refusalOf = (subject: Subject | undefined): DeleteOutcome | undefined => {
  if (!subject) return 'not_found';
  return subject.memory?.supersededBy === undefined ? undefined : 'is_version';
};

const deleteSubject = async (platform: Platform, subject: Subject): Promise<boolean> => {
  if ('message' in subject) return deleteMessage(platform, subject.message);
  const { memory, turn } = subject;
  if (!memory)
    return cancelTurn(platform, turn, [changeEvent(platform, turn.project, 'DELETE', [turn])]);
  return (await deleteTogether(platform, memory.project, [memory])).size === 0;
};

/**
 * Deletes what an id stands for: a memory, with its closed versions; a message, with the memories drawn from it alone; of a rough
 * memory, cancels and erases the turn. Reads again and repeats when another writer was first. A crash in between leaves a due
 * time, from which the erasure is resumed.
 */
export const deleteMemory = (
  platform: Platform,
  project: string,
  id: string,
): Promise<DeleteOutcome> =>
  memorySpan(platform, 'delete_memory', { project, record: id }, async () => {
    for (;;) {
      const subject = await findById(platform, project, id);
      const refusal = refusalOf(subject);
      if (refusal) return refusal;
      if (subject && (await deleteSubject(platform, subject))) return 'deleted';
    }
  });

/** Deletes what distinct ids stand for: memories together, all else by itself. */
const deleteDistinct = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<Map<string, DeleteOutcome>> => {
  const found = await mapConcurrent(ids, async (id) => ({
    id,
    subject: await findById(platform, project, id),
  }));
  const memories = new Map<string, Memory>();
  for (const { subject } of found)
    if (subject?.memory && !refusalOf(subject)) memories.set(subject.memory.id, subject.memory);
  const refused = await deleteTogether(platform, project, [...memories.values()]);
  const outcomes = await mapConcurrent(found, async ({ id, subject }) => {
    const refusal = refusalOf(subject);
    if (refusal) return [id, refusal] as const;
    const memory = subject?.memory?.id ?? '';
    // When several ids stand for one memory, the first deletes it. The others are looked up again, and are not found.
    const isDone = !refused.has(memory) && memories.delete(memory);
    return [id, isDone ? 'deleted' : await deleteMemory(platform, project, id)] as const;
  });
  return new Map(outcomes);
};

const isMessage = (id: string): boolean => parseMessageId(id) !== undefined;

/** Splits ids, in order, where messages and memories alternate: a message may take a memory of the list with it. */
const runsOf = (ids: readonly string[]): string[][] => {
  const runs: string[][] = [];
  let last: string | undefined;
  for (const id of ids) {
    if (last === undefined || isMessage(last) !== isMessage(id)) runs.push([]);
    runs.at(-1)?.push(id);
    last = id;
  }
  return runs;
};

const deleteRun = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<DeleteOutcome[]> => {
  const first = await deleteDistinct(platform, project, [...new Set(ids)]);
  const outcomes: DeleteOutcome[] = [];
  for (const id of ids) {
    outcomes.push(first.get(id) ?? (await deleteMemory(platform, project, id)));
    first.delete(id);
  }
  return outcomes;
};

/**
 * Deletes what ids stand for, with an outcome for each as if `deleteMemory` was called in order: a repeated id is not found. Many
 * memories share a transaction, and items with texts of several of them are redacted once. A crash leaves the due times of what
 * was deleted; to repeat the call is safe.
 */
export const deleteMemories = (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<DeleteOutcome[]> =>
  memorySpan(platform, 'delete_memory', { project }, async (span) => {
    span.set(recordCount(ids.length));
    const outcomes: DeleteOutcome[] = [];
    for (const run of runsOf(ids)) outcomes.push(...(await deleteRun(platform, project, run)));
    return outcomes;
  });

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
