import {
  type Change,
  isNoop,
  type PlannedChange,
  type PlannedText,
} from '../../domain/memory/change.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Plan } from '../../domain/table/items.ts';
import { closedKeys, listingKeys, memoryKey, restatementKey } from '../../domain/table/keys.ts';
import type { Fact } from '../../domain/webhooks/outbox.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { entityIsAt, memoryIsAsDecided, memoryIsAt, memoryIsNew } from '../conditions.ts';
import {
  type Cutoffs,
  deletedBy,
  entityChecks,
  epochCheck,
  isCommonRecord,
  readCutoffs,
} from '../cutoffs.ts';
import { firstIndexCheckAt } from '../indexing/index-delays.ts';
import { check, put } from '../steps.ts';
import { createPace } from '../yield-to-loop.ts';
import {
  closedVersion,
  maxId,
  newMemory,
  retractedMemory,
  updatedMemory,
  withEntities,
} from './memory-versions.ts';
import { factOf, type Origin, revision } from './plan-records.ts';

/** The effect of one change: the new state of a memory, its writes, and the fact to publish. */
export interface MemoryWrite {
  memory: Memory;
  steps: Step[];
  /** Entries in the listings of further entities. May be committed ahead, since readers check which entities the memory itself names. */
  listings: Step[];
  /** The closed version that keeps the former text, with its listing entries. */
  closed?: { memory: Memory; steps: Step[] };
  fact?: Fact;
  change: Change;
  added: boolean;
}

const listingWrites = (memory: Memory): Step[] => {
  const { project, id } = memory;
  return listingKeys(project, memory, id).map((key) => put(key, { memory: id }));
};

/** Entries in the listings of entities that the memory did not name before. */
const newListings = (before: Memory, after: Memory): Step[] => {
  const had = new Set(listingKeys(before.project, before, before.id).map(({ pk }) => pk));
  return listingWrites(after).filter(({ key }) => !had.has(key.pk));
};

const kindOf = ({ kind }: PlannedText): Pick<Change, 'kind'> =>
  kind === undefined ? {} : { kind };

/** Time of the writes, and due time of the memories they write. */
interface WriteTimes {
  now: number;
  dueAt: number;
}

const addWrite = (
  turn: Turn,
  change: Extract<PlannedChange, { type: 'ADD' }>,
  origin: Origin,
  { now, dueAt }: WriteTimes,
): MemoryWrite => {
  const memory = newMemory(turn, change.memory, change, now);
  return {
    memory,
    steps: [
      put(memoryKey(turn.project, memory.id), { ...memory, dueAt }, memoryIsNew),
      revision(turn, memory, change, origin, now),
      ...listingWrites(memory),
    ],
    listings: [],
    fact: factOf('memory_add', turn, memory),
    change: { type: 'ADD', memory: memory.id, text: change.text, ...kindOf(change) },
    added: true,
  };
};

/**
 * Writes of a closed version, without a condition: the transaction that makes the version visible requires its memory to be at that
 * version, so each version is closed once. A version that was staged for a discarded plan has the same id, and is overwritten.
 */
const closedWrite = (memory: Memory, dueAt: number): { memory: Memory; steps: Step[] } => ({
  memory,
  steps: [
    put(memoryKey(memory.project, memory.id), { ...memory, dueAt }),
    ...closedKeys(memory.project, memory, memory.id).map((key) => put(key, { memory: memory.id })),
  ],
});

const updateWrite = (
  turn: Turn,
  before: Memory,
  change: Modification,
  origin: Origin,
  { now, dueAt }: WriteTimes,
): MemoryWrite => {
  // Adding entities undoes nothing, so an older turn may do it to a memory that a newer turn shaped.
  const newest = change.type === 'NONE' ? maxId(before.lastWrite, turn.id) : turn.id;
  const asDecided = memoryIsAsDecided(before.version, turn.scope, newest);
  const write = (memory: Memory) =>
    put(memoryKey(turn.project, memory.id), { ...memory, dueAt }, asDecided);
  if (change.type === 'NONE') {
    const memory = withEntities(before, turn, now);
    return {
      memory,
      steps: [write(memory)],
      listings: newListings(before, memory),
      change: { type: 'NONE', memory: before.id, reason: change.reason },
      added: false,
    };
  }
  const { previousText } = change;
  if (change.type === 'UPDATE') {
    const memory = updatedMemory(before, turn, change, now);
    return {
      memory,
      steps: [write(memory), revision(turn, memory, change, origin, now)],
      listings: newListings(before, memory),
      closed: closedWrite(closedVersion(before, turn, change.source, now), dueAt),
      fact: factOf('memory_update', turn, memory, before),
      change: {
        type: 'UPDATE',
        memory: before.id,
        text: change.text,
        previousText,
        ...kindOf(change),
      },
      added: false,
    };
  }
  const memory = retractedMemory(before, turn, change.source, now);
  return {
    memory,
    steps: [write(memory), revision(turn, memory, change, origin, now)],
    listings: [],
    fact: factOf('memory_delete', turn, memory, before),
    change: {
      type: 'DELETE',
      memory: before.id,
      previousText,
      ...(change.reason === undefined ? {} : { reason: change.reason }),
    },
    added: false,
  };
};

type Modification = Exclude<PlannedChange, { type: 'ADD' }>;

const versionOf = (change: Modification): number | undefined =>
  change.type === 'NONE' && 'addEntitiesAtVersion' in change
    ? change.addEntitiesAtVersion
    : change.version;

/** Writes of a plan, and checks on what it rests on without changing it. */
export interface PlanWrites {
  effects: MemoryWrite[];
  /** Checks of the turn's own entities if the plan rests on memories: a delete-all since its decision makes it void. */
  ownChecks: Step[];
  /** Versions of memories that made a change needless, and the epoch if the plan rests on memories. */
  unchangedChecks: Step[];
  /** By position of a message, the memories that it states and their `textVersion`. */
  drawn: NonNullable<Turn['drawn']>;
  /** Records of the messages that state a memory once more. */
  restatements: Step[];
  /**
   * Checks that no delete-all came of the entities that only the plan's memories name: it covers these older memories, so what the
   * turn adds to one of them would be lost.
   */
  memoryEntityChecks: Step[];
}

/**
 * Returns what the messages state: by position, the live memories that the plan adds, updates or finds known, with their
 * `textVersion`; and a restatement of each memory that the turn does not change, or only lists under further entities, which makes no
 * revision: by it the memory's erasure finds the message.
 */
const drawnFrom = (
  turn: Turn,
  { changes }: Plan,
  effects: readonly MemoryWrite[],
  before: ReadonlyMap<string, Memory | undefined>,
): Pick<PlanWrites, 'drawn' | 'restatements'> => {
  const written = new Map(effects.map(({ memory }) => [memory.id, memory]));
  const drawn: { [position: string]: { [memory: string]: number } } = {};
  const restatements = new Map<string, Step>();
  for (const change of changes) {
    const memory = written.get(change.memory ?? '') ?? before.get(change.memory ?? '');
    if (!('source' in change) || change.source === undefined || memory?.state !== 'live') continue;
    const position = String(change.source);
    drawn[position] = { ...drawn[position], [memory.id]: memory.textVersion };
    if (memory.lineage.includes(turn.id) && !('addEntitiesAtVersion' in change)) continue;
    const restated = { turn: turn.id, event: turn.event, position: change.source };
    const key = restatementKey(turn.project, memory.id, restated);
    restatements.set(`${key.pk} ${key.sk}`, put(key, restated));
  }
  return { drawn, restatements: [...restatements.values()] };
};

/**
 * Turns a plan into writes. Undefined when a memory has another version than the plan was decided on, or it or the turn was deleted.
 */
export const toPlanWrites = async (
  platform: Platform,
  turn: Turn,
  plan: Plan,
): Promise<PlanWrites | undefined> => {
  const { project } = turn;
  const now = platform.clock.now();
  const times = { now, dueAt: firstIndexCheckAt(platform.vectorIndex, now) };
  const changed = new Set(
    plan.changes.flatMap((change) => (isNoop(change) ? [] : [change.memory ?? ''])),
  );
  const dependentChanges = plan.changes.filter(
    (change): change is Modification & { memory: string } =>
      change.type !== 'ADD' &&
      change.memory !== undefined &&
      versionOf(change) !== undefined &&
      !(isNoop(change) && changed.has(change.memory)),
  );
  const ids = [...new Set(dependentChanges.map(({ memory }) => memory))];
  const items = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const before = new Map(ids.map((id, index) => [id, items[index]]));
  if (dependentChanges.some((change) => before.get(change.memory)?.version !== versionOf(change)))
    return undefined;

  const effectOf = (change: PlannedChange): MemoryWrite | undefined => {
    if (change.type === 'ADD') return addWrite(turn, change, plan, times);
    const memory = before.get(change.memory ?? '');
    return memory && !isNoop(change)
      ? updateWrite(turn, withoutIndexAttributes(memory), change, plan, times)
      : undefined;
  };
  const pace = createPace(platform);
  const effects: MemoryWrite[] = [];
  for (const change of plan.changes) {
    if (pace.isDue()) await pace.rest();
    const effect = effectOf(change);
    if (effect) effects.push(effect);
  }
  // Read before the cutoffs: a delete-all that these do not show changes the epoch later.
  const restsOnMemories = ids.length > 0;
  const epoch = restsOnMemories ? [await epochCheck(platform, project, turn.scope)] : [];
  const unchangedChecks = ids.flatMap((id) => {
    const version = before.get(id)?.version ?? 0;
    return changed.has(id) ? [] : [check(memoryKey(project, id), memoryIsAt(version))];
  });

  const present = [...before.values()].filter((memory) => memory !== undefined);
  const ownChecks = restsOnMemories ? entityChecks(plan) : [];
  const consulted = new Set(ownChecks.map(({ key }) => key.sk));
  const named = [turn, ...present];
  const { cutoffs, revisions } = await readCutoffs(platform, project, named, consulted);
  if (cutOffBy(cutoffs)(turn) || present.some(deletedBy(cutoffs))) return undefined;
  // A delete-all since the plan was decided may have deleted memories that the model was shown, not only the turn.
  if (isOutdated(plan, revisions)) return undefined;
  const memoryEntityChecks = revisions.flatMap(({ key, revision: at }) =>
    isCommonRecord(key) || !restsOnMemories ? [] : [check(key, entityIsAt(at))],
  );
  return {
    effects,
    ownChecks,
    unchangedChecks: [...epoch, ...unchangedChecks],
    ...drawnFrom(turn, plan, effects, before),
    memoryEntityChecks,
  };
};

/** Whether the record of an entity that the plan rests on has another revision than when the plan was decided. */
const isOutdated = ({ entities }: Plan, revisions: Cutoffs['revisions']): boolean => {
  const readAt = new Map(revisions.map(({ key, revision }) => [key.sk, revision]));
  return entities.some(({ key, revision }) => (readAt.get(key.sk) ?? revision) !== revision);
};

const withoutIndexAttributes = (memory: Memory & { dueAt?: number }): Memory => {
  const { dueAt: _, ...rest } = memory;
  return rest;
};
