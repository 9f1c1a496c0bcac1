import { closedVersionId } from '../domain/memory/derived-ids.ts';
import type { Memory } from '../domain/memory/memory.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { CheckContext } from './check-context.ts';
import { type Fact, factsOfTurn, retracted, textOf } from './fact-language.ts';
import {
  isMemoryCovered,
  isTurnCovered,
  latestOf,
  type MemoryFacts,
  type TurnFacts,
  writesOf,
} from './history.ts';
import type { Write } from './memory-table.ts';

/** Turns acknowledged before this turn's request began are refined before this turn, unless an attempt failed. */
const checkOrder = ({ history, report }: CheckContext, { turn, everFailed }: TurnFacts): void => {
  const requestedAt = history.idCreatedAt.get(turn.id) ?? 0;
  const isOlderPending = (other: TurnFacts): boolean =>
    other.turn.scope === turn.scope &&
    (other.ackedAt ?? Number.POSITIVE_INFINITY) < requestedAt &&
    other.turn.state === 'pending' &&
    !other.everFailed;
  for (const other of history.turns.values())
    if (!everFailed && isOlderPending(other))
      report(`turn ${turn.id} was refined before the older ${other.turn.id}`);
};

/** The text that a turn replaces is kept as a closed version. */
const checkVersionKept = (
  context: CheckContext,
  before: Memory,
  writes: readonly Write[],
): void => {
  const id = closedVersionId(before.id, before.version);
  const written = writesOf(writes, 'MEMORY').find(({ after }) => after?.id === id)?.after;
  const staged = context.history.memories.get(id)?.versions.at(-1)?.memory;
  if ((written ?? staged)?.text !== before.text)
    context.report(`version ${before.version} of memory ${before.id} was not kept`);
};

const checkChanged = (
  context: CheckContext,
  turn: Turn,
  before: Memory | undefined,
  after: Memory,
): void => {
  const report = (what: string) => context.report(`turn ${turn.id} ${what} ${after.id}`);
  const isDeleted = (memory: Memory) =>
    isMemoryCovered(context.history.cutoffs, memory, context.step());
  if (after.supersededBy !== undefined) return;
  if (after.scope !== turn.scope) report('changed another scope’s memory');
  if (!before || before.version === after.version) return;
  if (before.text !== after.text && before.lastWrite > turn.id)
    report('overwrote the text of a newer turn or edit in');
  if (isDeleted(before)) report('changed a memory that a delete-all covers,');
  if (after.state === 'live' && isDeleted(after))
    report('wrote its fact to a memory that a delete-all covers,');
};

/** Whether a fact of the turn may be missing: a memory states it already, or a newer turn, edit or deletion replaced it. */
const isKnown = (context: CheckContext, turn: Turn, { topic, value }: Fact): boolean => {
  const { history } = context;
  const createdAt = history.turns.get(turn.id)?.createdAt ?? 0;
  const isStated = ({ text, lastWrite: lastTurn }: Memory): boolean =>
    text === textOf({ topic, value }) || (text.startsWith(`${topic}=`) && lastTurn > turn.id);
  const isReason = (facts: MemoryFacts): boolean => {
    const { memory } = latestOf(facts);
    if (memory.scope !== turn.scope || facts.publishedAt === undefined) return false;
    if (memory.state !== 'live')
      return facts.deletedBy === 'request' && (facts.deletedAt ?? 0) > createdAt;
    return isStated(memory) && !isMemoryCovered(history.cutoffs, memory, context.step());
  };
  return [...history.memories.values()].some(isReason);
};

/** Last fact of the turn about each topic, without retractions. */
const rememberedFacts = (turn: Turn): Fact[] => {
  const facts = factsOfTurn(turn);
  return facts.filter(
    (fact) =>
      fact.value !== retracted && facts.findLast(({ topic }) => topic === fact.topic) === fact,
  );
};

const checkFacts = (context: CheckContext, turn: Turn, writes: readonly Write[]): void => {
  const changes = writesOf(writes, 'CHANGES')[0]?.after?.changes ?? [];
  if (changes.length === 0) context.report(`turn ${turn.id} was applied without a change list`);
  const isInMemory = (fact: Fact): boolean =>
    writesOf(writes, 'MEMORY').some(
      ({ after }) =>
        after?.text === textOf(fact) && after.state === 'live' && after.lineage.includes(turn.id),
    );
  for (const fact of rememberedFacts(turn))
    if (!isInMemory(fact) && !isKnown(context, turn, fact))
      context.report(
        `the fact ${textOf(fact)} of turn ${turn.id} is lost: ${JSON.stringify(changes)}`,
      );
};

const checkApply = (context: CheckContext, turn: Turn, writes: readonly Write[]): void => {
  const facts = context.history.turns.get(turn.id);
  if (facts) checkOrder(context, facts);
  // A turn that only adds may be applied while a delete-all begins: the job of the delete-all finds its memories.
  const addsOnly = writesOf(writes, 'MEMORY').every(({ before }) => before === undefined);
  if (!addsOnly && isTurnCovered(context.history.cutoffs, turn, context.step()))
    context.report(`turn ${turn.id} was applied after a delete-all covered it`);
  for (const { before, after } of writesOf(writes, 'MEMORY'))
    if (after) checkChanged(context, turn, before, after);
  for (const { before, after } of writesOf(writes, 'MEMORY'))
    if (before?.state === 'live' && after?.state === 'live' && before.text !== after.text)
      checkVersionKept(context, before, writes);
  if (turn.options.infer) checkFacts(context, turn, writes);
};

/**
 * Proves of every transaction that applies a turn: turns of a scope are applied in order, only memories of the scope
 * change, newer writes and deletions survive, and no fact of the turn is lost.
 */
export const checkApplied = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN'))
    if (before?.state === 'pending' && after?.state === 'applied')
      checkApply(context, after, writes);
};
