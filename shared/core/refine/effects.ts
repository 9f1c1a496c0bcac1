import type { Change, PlannedChange } from '../../domain/change.ts';
import type { Plan } from '../../domain/items.ts';
import { filingKeys, memoryKey, recentKeys, revisionKey } from '../../domain/keys.ts';
import type { Memory } from '../../domain/memory.ts';
import type { Fact } from '../../domain/outbox.ts';
import type { Turn } from '../../domain/turn.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { memoryIsAsDecided, memoryIsNew } from '../conditions.ts';
import { erase, put } from '../steps.ts';
import { addedMemory, refiledMemory, tombstoneOf, updatedMemory } from './memory-of-change.ts';

/** A memory as a change leaves it, what it takes to write that, and what to tell. */
export interface Effect {
  memory: Memory;
  steps: Step[];
  fact?: Fact;
  change: Change;
  added: boolean;
}

const filings = (memory: Memory): Step[] => {
  const { project, id, context } = memory;
  const filing = { memory: id, ...(context === undefined ? {} : { context }) };
  return filingKeys(project, memory, id).map((key) => put(key, filing));
};

/** Filings that are new, and the one of the scope, which tells what the text borrows. */
const refilings = (before: Memory, after: Memory): Step[] => {
  const had = new Set(filingKeys(before.project, before, before.id).map(({ pk }) => pk));
  return filings(after).filter(({ key }, index) => index === 0 || !had.has(key.pk));
};

const factOf = (
  type: 'memory_add' | 'memory_update' | 'memory_delete',
  turn: Turn,
  memory: Memory,
  previousText?: string,
): Fact => ({
  type,
  event: turn.event,
  memory: memory.id,
  ...(memory.state === 'live' ? { text: memory.text } : {}),
  ...(previousText === undefined ? {} : { previousText }),
  metadata: memory.metadata,
  categories: memory.categories,
});

const revision = (turn: Turn, memory: Memory, change: PlannedChange, now: number): Step =>
  put(revisionKey(memory.project, memory.id, memory.version), {
    memory: memory.id,
    version: memory.version,
    type: change.type === 'NONE' ? 'UPDATE' : change.type,
    ...('previousText' in change ? { oldText: change.previousText } : {}),
    ...(change.type === 'ADD' || change.type === 'UPDATE' ? { newText: change.text } : {}),
    turn: turn.id,
    event: turn.event,
    metadata: memory.metadata,
    createdAt: now,
  });

const addition = (
  turn: Turn,
  change: Extract<PlannedChange, { type: 'ADD' }>,
  now: number,
): Effect => {
  const memory = addedMemory(turn, change.memory, change, now);
  return {
    memory,
    steps: [
      put(memoryKey(turn.project, memory.id), { ...memory, dueAt: now }, memoryIsNew),
      revision(turn, memory, change, now),
      ...filings(memory),
    ],
    fact: factOf('memory_add', turn, memory),
    change: { type: 'ADD', memory: memory.id, text: change.text },
    added: true,
  };
};

const modification = (
  turn: Turn,
  before: Memory,
  change: Exclude<PlannedChange, { type: 'ADD' }>,
  now: number,
): Effect => {
  const asDecided = memoryIsAsDecided(before.version, turn.scope, turn.id);
  const write = (memory: Memory) =>
    put(memoryKey(turn.project, memory.id), { ...memory, dueAt: now }, asDecided);
  if (change.type === 'NONE') {
    const memory = refiledMemory(before, turn, now);
    return {
      memory,
      steps: [write(memory), ...refilings(before, memory)],
      change: { type: 'NONE', memory: before.id, reason: change.reason },
      added: false,
    };
  }
  const { previousText } = change;
  if (change.type === 'UPDATE') {
    const memory = updatedMemory(before, turn, change, now);
    return {
      memory,
      steps: [write(memory), revision(turn, memory, change, now), ...refilings(before, memory)],
      fact: factOf('memory_update', turn, memory, previousText),
      change: { type: 'UPDATE', memory: before.id, text: change.text, previousText },
      added: false,
    };
  }
  const memory = tombstoneOf(before, now);
  const pointers = before.pointer ? recentKeys(turn.project, before, before.pointer) : [];
  return {
    memory,
    steps: [
      write(memory),
      revision(turn, memory, change, now),
      ...filingKeys(turn.project, before, before.id).map((key) => erase(key)),
      ...pointers.map((key) => erase(key)),
    ],
    fact: factOf('memory_delete', turn, memory, previousText),
    change: {
      type: 'DELETE',
      memory: before.id,
      previousText,
      ...(change.reason === undefined ? {} : { reason: change.reason }),
    },
    added: false,
  };
};

const versionOf = (change: Exclude<PlannedChange, { type: 'ADD' }>): number | undefined => {
  if (change.type === 'NONE') return 'refileVersion' in change ? change.refileVersion : undefined;
  return change.version;
};

/** What the plan does to each memory; undefined when one is not as it was decided on. */
export const effectsOf = async (
  { store, clock }: Platform,
  turn: Turn,
  plan: Plan,
): Promise<Effect[] | undefined> => {
  const now = clock.now();
  const touched = plan.changes.flatMap((change) =>
    change.type !== 'ADD' && versionOf(change) !== undefined && change.memory
      ? [change.memory]
      : [],
  );
  const items = await store.getMany(touched.map((id) => memoryKey(turn.project, id)));
  const before = new Map(touched.map((id, index) => [id, items[index]]));
  const effects: Effect[] = [];
  for (const change of plan.changes) {
    if (change.type === 'ADD') {
      effects.push(addition(turn, change, now));
      continue;
    }
    const version = versionOf(change);
    if (version === undefined) continue;
    const memory = before.get(change.memory ?? '');
    if (memory?.version !== version) return undefined;
    effects.push(modification(turn, withoutMarks(memory), change, now));
  }
  return effects;
};

const withoutMarks = (memory: Memory & { dueAt?: number }): Memory => {
  const { dueAt: _, ...rest } = memory;
  return rest;
};
