import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { addRedactions } from '../../domain/sensitive/sensitive.ts';
import type { Platform } from '../../ports/platform.ts';
import { withChangeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { commitTogether, type SubjectWrites } from '../commit-together.ts';
import { enqueueHints, hints } from '../hints.ts';
import { jsonBytes } from '../store-limits.ts';
import { memorySpan, recordCount } from '../traced.ts';
import { createPace } from '../yield-to-loop.ts';
import type { MemoryEdit } from './correct-turn.ts';
import { findVisible } from './find-by-id.ts';
import {
  editableOf,
  editHint,
  editWrites,
  type UpdateResult,
  updateMemory,
} from './update-memory.ts';

export interface MemoryUpdate {
  id: string;
  edit: MemoryEdit;
}

type Outcome = UpdateResult['outcome'];

/** Splits updates into rounds, in order, with at most one update of an id in each. */
const roundsOf = (updates: readonly MemoryUpdate[]): number[][] => {
  const times = new Map<string, number>();
  const rounds: number[][] = [];
  for (const [position, { id }] of updates.entries()) {
    const time = times.get(id) ?? 0;
    times.set(id, time + 1);
    const round = rounds[time] ?? [];
    round.push(position);
    rounds[time] = round;
  }
  return rounds;
};

/** Memories to edit, each once, with the position of its update; and the outcomes that are known already. */
interface Editable {
  outcomes: Map<number, Outcome>;
  memories: Map<string, { memory: Memory; position: number }>;
}

const readEditable = async (
  platform: Platform,
  project: string,
  round: readonly (MemoryUpdate & { position: number })[],
): Promise<Editable> => {
  const outcomes: Editable['outcomes'] = new Map();
  const memories: Editable['memories'] = new Map();
  const all = await mapConcurrent(round, async ({ id, position }) => ({
    position,
    found: editableOf(await findVisible(platform, project, id)),
  }));
  for (const { position, found } of all)
    if ('outcome' in found) outcomes.set(position, found.outcome);
    else if (found.memory && !memories.has(found.memory.id))
      memories.set(found.memory.id, { memory: found.memory, position });
  return { outcomes, memories };
};

/** Commits the edits of one round. Returns the outcomes; those of refused edits and of rough memories are missing. */
const updateRound = async (
  platform: Platform,
  project: string,
  round: readonly (MemoryUpdate & { position: number })[],
): Promise<Map<number, Outcome>> => {
  const { outcomes, memories } = await readEditable(platform, project, round);
  const edits = new Map(round.map(({ position, edit }) => [position, edit]));
  const pace = createPace(platform);
  const writes: SubjectWrites<{ written: Memory; position: number }>[] = [];
  for (const { memory, position } of memories.values()) {
    if (pace.isDue()) await pace.rest();
    const { written, steps } = editWrites(platform, memory, edits.get(position) ?? {});
    const bytes = jsonBytes(steps) + jsonBytes(memory);
    writes.push({ subject: { written, position }, steps, bytes });
  }
  const { committed } = await commitTogether(platform, writes, (steps, subjects) => {
    const all = subjects.map(({ written }) => written);
    const redacted = addRedactions(
      ...subjects.map(({ position }) => edits.get(position)?.redacted),
    );
    return commit(platform, withChangeEvent(platform, project, 'UPDATE', all, steps, redacted));
  });
  for (const { position } of committed) outcomes.set(position, 'updated');
  const updated = committed.map(({ written }) => written);
  await enqueueHints(platform, [
    ...hints.indexAll(
      project,
      updated.map(({ id }) => id),
    ),
    ...updated.map(editHint),
  ]);
  return outcomes;
};

/**
 * Changes memories through the API, with an outcome for each as if `updateMemory` was called in order. Many memories share a
 * transaction, each conditional on its version; a memory that another writer changed meanwhile is edited again by itself. A
 * crash leaves some memories changed, with the due times of their index entries and outboxes.
 */
export const updateMemories = (
  platform: Platform,
  project: string,
  updates: readonly MemoryUpdate[],
): Promise<Outcome[]> =>
  memorySpan(platform, 'update_memory', { project }, async (span) => {
    span.set(recordCount(updates.length));
    const outcomes = new Map<number, Outcome>();
    for (const positions of roundsOf(updates)) {
      const round = positions.flatMap((position) => {
        const update = updates[position];
        return update ? [{ ...update, position }] : [];
      });
      const known = await updateRound(platform, project, round);
      await mapConcurrent(round, async ({ id, edit, position }) => {
        const outcome =
          known.get(position) ?? (await updateMemory(platform, project, id, edit)).outcome;
        outcomes.set(position, outcome);
      });
    }
    return updates.map((_, position) => outcomes.get(position) ?? 'not_found');
  });
