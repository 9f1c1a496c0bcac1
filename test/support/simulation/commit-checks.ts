import type { EventStatus } from '../../../shared/domain/event.ts';
import type { Item } from '../../../shared/domain/items.ts';
import { changesKey, eventKey, pendingKey, turnKey } from '../../../shared/domain/keys.ts';
import type { Memory } from '../../../shared/domain/memory.ts';
import type { Turn } from '../../../shared/domain/turn.ts';
import { factsOfTurn, takenBack, textOf } from './facts.ts';
import {
  type History,
  isCovered,
  isForgottenBy,
  latestOf,
  type TurnFacts,
  writesOf,
} from './history.ts';
import type { MemoryTable, Write } from './memory-table.ts';

export interface CommitWorld {
  table: MemoryTable;
  history: History;
  step(): number;
  now(): number;
  complain(what: string): void;
}

const turnMoves: { [state: string]: readonly Turn['state'][] } = {
  none: ['pending'],
  pending: ['pending', 'applied', 'failed', 'cancelled'],
  failed: ['failed', 'pending', 'cancelled'],
  applied: ['applied'],
  cancelled: ['cancelled'],
};

const eventMoves: { [status: string]: readonly EventStatus[] } = {
  none: ['PENDING'],
  PENDING: ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  RUNNING: ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
  FAILED: ['FAILED', 'PENDING'],
  SUCCEEDED: ['SUCCEEDED'],
  CANCELLED: ['CANCELLED'],
};

const checkTurns = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN')) {
    if (!after) world.complain('a turn was removed');
    else if (!turnMoves[before?.state ?? 'none']?.includes(after.state))
      world.complain(`turn ${after.id} went from ${before?.state} to ${after.state}`);
    else if (
      after.state === 'pending' &&
      !world.table.get(pendingKey(after.project, after.scope, after.id))
    )
      world.complain(`turn ${after.id} is pending, but nothing says that it has to be refined`);
  }
  for (const { before, after } of writesOf(writes, 'PEND')) {
    if (!before || after) continue;
    const turn = world.table.get(turnKey(before.project, before.turn));
    if (turn?.state === 'pending')
      world.complain(`the work item of turn ${turn.id} was removed while the turn waits`);
  }
};

const statusOfState: { [state: string]: readonly EventStatus[] } = {
  pending: ['PENDING', 'RUNNING'],
  applied: ['SUCCEEDED'],
  failed: ['FAILED'],
  cancelled: ['CANCELLED', 'FAILED'],
};

const checkEvents = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'EVENT')) {
    if (!after) continue;
    if (!eventMoves[before?.status ?? 'none']?.includes(after.status))
      world.complain(`event ${after.id} went from ${before?.status} to ${after.status}`);
    const turn =
      after.turn === undefined ? undefined : world.table.get(turnKey(after.project, after.turn));
    if (turn && !statusOfState[turn.state]?.includes(after.status))
      world.complain(`event ${after.id} is ${after.status} while its turn is ${turn.state}`);
  }
  for (const { before, after } of writesOf(writes, 'TURN')) {
    if (!after || before?.state === after.state) continue;
    const event = world.table.get(eventKey(after.project, after.event));
    if (!event || !statusOfState[after.state]?.includes(event.status))
      world.complain(`turn ${after.id} is ${after.state} while its event is ${event?.status}`);
  }
};

const isSameContent = (a: Memory, b: Memory): boolean =>
  a.text === b.text &&
  a.state === b.state &&
  a.indexText === b.indexText &&
  JSON.stringify([a.metadata, a.entities, a.also]) ===
    JSON.stringify([b.metadata, b.entities, b.also]);

const checkVersion = (
  world: CommitWorld,
  writes: readonly Write[],
  before: Item<'MEMORY'> | undefined,
  after: Item<'MEMORY'>,
): void => {
  const { id, version } = after;
  if (version !== (before?.version ?? 0) + 1 && version !== before?.version)
    world.complain(`memory ${id} went from version ${before?.version} to ${version}`);
  if (before?.version === version) {
    if (!isSameContent(before, after)) world.complain(`memory ${id} changed without a new version`);
    return;
  }
  if (before?.state === 'deleted') world.complain(`deleted memory ${id} was written again`);
  const told = before?.text !== after.text || before.state !== after.state;
  if (told && !writesOf(writes, 'REV').some((revision) => revision.after?.version === version))
    world.complain(`version ${version} of memory ${id} left no revision`);
};

const checkMemories = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'MEMORY')) {
    if (after) checkVersion(world, writes, before, after);
    else if (before) {
      const published = world.history.memories.get(before.id)?.publishedAt !== undefined;
      if (published) world.complain(`memory ${before.id} was removed after readers saw it`);
    }
  }
};

/** Turns acknowledged before this one was even asked for are refined before it, unless they failed meanwhile. */
const checkOrder = ({ history, complain }: CommitWorld, facts: TurnFacts): void => {
  for (const other of history.turns.values()) {
    const isEarlier =
      other.turn.scope === facts.turn.scope &&
      other.turn.project === facts.turn.project &&
      (other.ackedAt ?? Number.POSITIVE_INFINITY) < (history.births.get(facts.turn.id) ?? 0);
    if (isEarlier && other.turn.state === 'pending' && !other.everFailed && !facts.everFailed)
      complain(`turn ${facts.turn.id} was refined before the older ${other.turn.id}`);
  }
};

const checkFlipMemory = (
  world: CommitWorld,
  turn: Turn,
  before: Memory | undefined,
  after: Memory,
): void => {
  const complain = (what: string) => world.complain(`turn ${turn.id} ${what} ${after.id}`);
  if (after.scope !== turn.scope) complain('changed another scope’s memory');
  if (!before) return;
  if (before.version === after.version) return;
  if (before.text !== after.text && before.lastTurn > turn.id)
    complain('undid what a newer turn or edit wrote in');
  if (isForgottenBy(world.history.cutoffs, before, world.step()))
    complain('went into a forgotten memory,');
  if (after.state === 'live' && isForgottenBy(world.history.cutoffs, after, world.step()))
    complain('is lost in a memory that counts as forgotten,');
};

/** Whether what the turn taught was rightly left out: it is known, or something newer is. */
const isKnown = (world: CommitWorld, turn: Turn, slot: string, text: string): boolean =>
  [...world.history.memories.values()].some((facts) => {
    const { memory } = latestOf(facts);
    if (memory.scope !== turn.scope || facts.publishedAt === undefined) return false;
    const shaped =
      memory.text === text || (memory.text.startsWith(`${slot}=`) && memory.lastTurn > turn.id);
    if (memory.state === 'live')
      return shaped && !isForgottenBy(world.history.cutoffs, memory, world.step());
    return (
      facts.deletedBy === 'request' &&
      (facts.deletedAt ?? 0) > (world.history.turns.get(turn.id)?.createdAt ?? 0)
    );
  });

const checkTaught = (world: CommitWorld, turn: Turn, writes: readonly Write[]): void => {
  if (!turn.options.infer) return;
  const changes = writesOf(writes, 'CHANGES')[0]?.after?.changes ?? [];
  if (changes.length === 0)
    world.complain(`turn ${turn.id} was applied without a word of what it changed`);
  const said = factsOfTurn(turn);
  for (const fact of said) {
    const newest = said.findLast(({ slot }) => slot === fact.slot);
    if (newest !== fact || fact.value === takenBack) continue;
    const text = textOf(fact);
    const written = writesOf(writes, 'MEMORY').some(
      ({ after }) =>
        after?.text === text && after.state === 'live' && after.lineage.includes(turn.id),
    );
    if (!written && !isKnown(world, turn, fact.slot, text))
      world.complain(`what turn ${turn.id} taught (${text}) is lost: ${JSON.stringify(changes)}`);
  }
};

const checkFlips = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN')) {
    if (before?.state !== 'pending' || after?.state !== 'applied') continue;
    const facts = world.history.turns.get(after.id);
    if (facts) checkOrder(world, { ...facts, turn: after });
    if (isCovered(world.history.cutoffs, after, world.step()))
      world.complain(`turn ${after.id} was applied after a delete-all covered it`);
    for (const write of writesOf(writes, 'MEMORY'))
      if (write.after) checkFlipMemory(world, after, write.before, write.after);
    checkTaught(world, after, writes);
  }
};

const checkOutbox = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'OUTBOX')) {
    if (!before || !after) continue;
    const types = (item: Item<'OUTBOX'>) => item.facts.map(({ type }) => type).join();
    if (types(before) !== types(after))
      world.complain(`${types(before)} was overwritten by ${types(after)} before anyone was told`);
  }
};

/** A claim that stands is only taken over once the event it leads to is over. */
const checkClaims = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'IDEM')) {
    if (!before || !after || before.event === after.event) continue;
    const turn = writesOf(writes, 'TURN')[0]?.after;
    const event = turn && world.table.get(eventKey(turn.project, before.event));
    if (event?.status === 'PENDING' || event?.status === 'RUNNING')
      world.complain(`a repeated request became another turn, ${turn?.id}`);
  }
};

const checkEntities = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ENTITY'))
    if (before && (!after || after.revision < before.revision))
      world.complain(`the delete-alls of ${before.kind} ${before.id} were forgotten`);
};

/** Texts of deleted memories do not come back into what tells of them. */
const checkErased = ({ history, table, complain }: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'CHANGES'))
    for (const change of after?.changes ?? []) {
      const had = before?.changes.find(({ memory }) => memory === change.memory && memory);
      if (had?.erased && !change.erased)
        complain(`event changes tell again of memory ${change.memory}`);
    }
  for (const { before, after } of writesOf(writes, 'OUTBOX'))
    for (const fact of after?.facts ?? []) {
      if (!('memory' in fact) || fact.text === undefined) continue;
      const had = before?.facts.find((old) => 'memory' in old && old.memory === fact.memory);
      if (had && 'memory' in had && had.text === undefined)
        complain(`an untold notice tells again of memory ${fact.memory}`);
    }
  for (const { after } of writesOf(writes, 'TURN')) {
    if (after?.state !== 'applied' || !after.erased) continue;
    const changes = table.get(changesKey(after.project, after.event));
    if (after.messages.length > 0 && changes) complain(`the text of turn ${after.id} came back`);
  }
  void history;
};

const checks = [
  checkTurns,
  checkEvents,
  checkMemories,
  checkFlips,
  checkOutbox,
  checkClaims,
  checkEntities,
  checkErased,
];

/** What must hold of every single transaction, whoever makes it. */
export const checkCommit = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const check of checks) check(world, writes);
};
