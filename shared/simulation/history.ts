import { isDeletedByCutoff } from '../core/cutoffs.ts';
import type { Cutoff } from '../domain/memory/cutoff.ts';
import { hasAllEntities, type Tagged } from '../domain/memory/entities.ts';
import type { Memory } from '../domain/memory/memory.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import type { Write } from './memory-table.ts';

/** History of a turn. Times are steps of the scheduler. */
export interface TurnFacts {
  turn: Turn;
  /** Original text; kept after the turn's text was erased. */
  originalText: string;
  /** The turn as it was applied, with the memories that each message stated. */
  applied?: Turn;
  createdAt: number;
  /** Step of the first response to its client. */
  ackedAt?: number;
  appliedAt?: number;
  cancelledAt?: number;
  /** Step at which its text was erased. */
  erasedAt?: number;
  everFailed: boolean;
}

export interface VersionFacts {
  memory: Memory;
  at: number;
}

export interface MemoryFacts {
  id: string;
  versions: VersionFacts[];
  /** Step from which readers must see the memory. */
  publishedAt?: number;
  /** Step from which readers of what is true now must not see the memory. */
  deletedAt?: number;
  /** Whether a turn closed the memory, or a request erased it. */
  deletedBy?: 'turn' | 'request';
}

export interface CutoffFacts extends Cutoff {
  at: number;
}

export interface History {
  turns: Map<string, TurnFacts>;
  memories: Map<string, MemoryFacts>;
  cutoffs: CutoffFacts[];
  /** Step at which each id was generated. A request generates the id of its turn first, so this is when the request began. */
  idCreatedAt: Map<string, number>;
  /** Ids of the messages whose deletion was acknowledged. */
  deletedMessages: Set<string>;
  record(writes: readonly Write[], step: number): void;
}

/** The writes of one kind of item. */
export const writesOf = <K extends ItemKind>(writes: readonly Write[], kind: K) =>
  writes.filter(({ key }) => key.kind === kind) as {
    key: Key<K>;
    before: Item<K> | undefined;
    after: Item<K> | undefined;
  }[];

export const latestOf = ({ versions }: MemoryFacts): VersionFacts => {
  const latest = versions.at(-1);
  if (!latest) throw new Error('a memory has at least one version');
  return latest;
};

/** Whether a delete-all up to the step `until` covers a turn. */
export const isTurnCovered = (
  cutoffs: readonly CutoffFacts[],
  subject: Tagged & { id: string },
  until: number,
): boolean =>
  cutoffs.some(
    ({ match, before, at }) => at <= until && subject.id < before && hasAllEntities(subject, match),
  );

/** Whether a delete-all ran after the turn was accepted, so that either order of the two is correct. */
export const racesWithCutoff = (
  cutoffs: readonly CutoffFacts[],
  { turn, createdAt }: TurnFacts,
): boolean => cutoffs.some(({ match, at }) => at > createdAt && hasAllEntities(turn, match));

/** Whether a delete-all up to the step `until` covers a memory. */
export const isMemoryCovered = (
  cutoffs: readonly CutoffFacts[],
  memory: Memory,
  until: number,
): boolean =>
  isDeletedByCutoff(
    memory,
    cutoffs.filter(({ at }) => at <= until),
  );

/** Records every state of turns and memories with its step, for checks that need more than the current table. */
export const createHistory = (): History => {
  const turns = new Map<string, TurnFacts>();
  const memories = new Map<string, MemoryFacts>();
  const cutoffs: CutoffFacts[] = [];

  const recordTurn = (turn: Turn, step: number): void => {
    const originalText = JSON.stringify([turn.messages, turn.options.verbatim]);
    const facts = turns.get(turn.id) ?? { turn, originalText, createdAt: step, everFailed: false };
    facts.turn = turn;
    if (turn.state === 'applied') {
      facts.appliedAt ??= step;
      facts.applied ??= turn;
    }
    if (turn.state === 'cancelled') facts.cancelledAt ??= step;
    if (turn.erased) facts.erasedAt ??= step;
    if (turn.state === 'failed') facts.everFailed = true;
    turns.set(turn.id, facts);
  };

  const isPublished = ({ stagedBy }: Memory): boolean => {
    const stagingTurn = stagedBy && turns.get(stagedBy.turn)?.turn;
    return !stagedBy || (stagingTurn?.state === 'applied' && stagingTurn.plan === stagedBy.plan);
  };

  const recordMemory = (memory: Memory, step: number): void => {
    const facts: MemoryFacts = memories.get(memory.id) ?? { id: memory.id, versions: [] };
    const latest = facts.versions.at(-1);
    if (latest?.memory.version === memory.version) latest.memory = memory;
    else facts.versions.push({ memory, at: step });
    if (memory.state !== 'live') {
      facts.deletedAt ??= step;
      facts.deletedBy = memory.state === 'closed' ? 'turn' : 'request';
    }
    memories.set(memory.id, facts);
  };

  const publish = (step: number): void => {
    for (const facts of memories.values())
      if (facts.publishedAt === undefined && isPublished(latestOf(facts).memory))
        facts.publishedAt = step;
  };

  const recordMemories = (writes: readonly Write[], step: number): void => {
    for (const { key, after } of writesOf(writes, 'MEMORY')) {
      if (after) recordMemory(after, step);
      else memories.delete(key.pk.slice(key.pk.lastIndexOf('#') + 1));
    }
  };

  const recordCutoffs = (writes: readonly Write[], step: number): void => {
    for (const { before, after } of writesOf(writes, 'ENTITY')) {
      const known = new Set(before?.cutoffs.map((cutoff) => JSON.stringify(cutoff)));
      const added = after?.cutoffs.filter((cutoff) => !known.has(JSON.stringify(cutoff))) ?? [];
      cutoffs.push(...added.map((cutoff) => ({ ...cutoff, at: step })));
    }
  };

  const record = (writes: readonly Write[], step: number): void => {
    for (const { after } of writesOf(writes, 'TURN')) if (after) recordTurn(after, step);
    recordMemories(writes, step);
    if (writes.some(({ key: { kind } }) => kind === 'TURN' || kind === 'MEMORY')) publish(step);
    recordCutoffs(writes, step);
  };

  return {
    turns,
    memories,
    cutoffs,
    idCreatedAt: new Map(),
    deletedMessages: new Set(),
    record,
  };
};
