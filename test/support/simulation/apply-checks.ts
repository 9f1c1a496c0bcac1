import type { Memory } from '../../../shared/domain/memory/memory.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import type { CommitScope } from './commit-scope.ts';
import { type Fact, factsOfTurn, takenBack, textOf } from './fact-language.ts';
import {
  isCovered,
  isForgottenBy,
  latestOf,
  type MemoryFacts,
  type TurnFacts,
  writesOf,
} from './history.ts';
import type { Write } from './memory-table.ts';

/** Turns acknowledged before this one was even asked for are refined before it, unless they failed meanwhile. */
const checkOrder = ({ history, complain }: CommitScope, { turn, everFailed }: TurnFacts): void => {
  const born = history.births.get(turn.id) ?? 0;
  const isLeftBehind = (other: TurnFacts): boolean =>
    other.turn.scope === turn.scope &&
    (other.ackedAt ?? Number.POSITIVE_INFINITY) < born &&
    other.turn.state === 'pending' &&
    !other.everFailed;
  for (const other of history.turns.values())
    if (!everFailed && isLeftBehind(other))
      complain(`turn ${turn.id} was refined before the older ${other.turn.id}`);
};

const checkChanged = (
  service: CommitScope,
  turn: Turn,
  before: Memory | undefined,
  after: Memory,
): void => {
  const complain = (what: string) => service.complain(`turn ${turn.id} ${what} ${after.id}`);
  const isGone = (memory: Memory) => isForgottenBy(service.history.cutoffs, memory, service.step());
  if (after.scope !== turn.scope) complain('changed another scope’s memory');
  if (!before || before.version === after.version) return;
  if (before.text !== after.text && before.lastTurn > turn.id)
    complain('undid what a newer turn or edit wrote in');
  if (isGone(before)) complain('went into a forgotten memory,');
  if (after.state === 'live' && isGone(after))
    complain('is lost in a memory that counts as forgotten,');
};

/** Whether what the turn taught was rightly left out: it is known, or something newer is. */
const isKnown = (service: CommitScope, turn: Turn, { slot, value }: Fact): boolean => {
  const { history } = service;
  const made = history.turns.get(turn.id)?.createdAt ?? 0;
  const saysSo = ({ text, lastTurn }: Memory): boolean =>
    text === textOf({ slot, value }) || (text.startsWith(`${slot}=`) && lastTurn > turn.id);
  const isReason = (facts: MemoryFacts): boolean => {
    const { memory } = latestOf(facts);
    if (memory.scope !== turn.scope || facts.publishedAt === undefined) return false;
    if (memory.state === 'deleted')
      return facts.deletedBy === 'request' && (facts.deletedAt ?? 0) > made;
    return saysSo(memory) && !isForgottenBy(history.cutoffs, memory, service.step());
  };
  return [...history.memories.values()].some(isReason);
};

/** What it said last of each thing, as far as it is to be remembered. */
const taughtBy = (turn: Turn): Fact[] => {
  const said = factsOfTurn(turn);
  return said.filter(
    (fact) => fact.value !== takenBack && said.findLast(({ slot }) => slot === fact.slot) === fact,
  );
};

const checkTaught = (service: CommitScope, turn: Turn, writes: readonly Write[]): void => {
  const changes = writesOf(writes, 'CHANGES')[0]?.after?.changes ?? [];
  if (changes.length === 0)
    service.complain(`turn ${turn.id} was applied without a word of what it changed`);
  const isDrawn = (fact: Fact): boolean =>
    writesOf(writes, 'MEMORY').some(
      ({ after }) =>
        after?.text === textOf(fact) && after.state === 'live' && after.lineage.includes(turn.id),
    );
  for (const fact of taughtBy(turn))
    if (!isDrawn(fact) && !isKnown(service, turn, fact))
      service.complain(
        `what turn ${turn.id} taught (${textOf(fact)}) is lost: ${JSON.stringify(changes)}`,
      );
};

const checkFlip = (service: CommitScope, turn: Turn, writes: readonly Write[]): void => {
  const facts = service.history.turns.get(turn.id);
  if (facts) checkOrder(service, facts);
  if (isCovered(service.history.cutoffs, turn, service.step()))
    service.complain(`turn ${turn.id} was applied after a delete-all covered it`);
  for (const { before, after } of writesOf(writes, 'MEMORY'))
    if (after) checkChanged(service, turn, before, after);
  if (turn.options.infer) checkTaught(service, turn, writes);
};

/** What refining a turn does, it does in order, to the right memories, and to all of what was said. */
export const checkApplied = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN'))
    if (before?.state === 'pending' && after?.state === 'applied')
      checkFlip(service, after, writes);
};
