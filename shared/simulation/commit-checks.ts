import { isDeletedByCutoff } from '../core/cutoffs.ts';
import { cutOffBy } from '../domain/memory/cutoff-index.ts';
import type { Memory } from '../domain/memory/memory.ts';
import type { Item, ItemKind, Job } from '../domain/table/items.ts';
import { checkApplied } from './apply-checks.ts';
import type { CheckContext, Invariant } from './check-context.ts';
import { checkDeliveries } from './delivery-checks.ts';
import { writesOf } from './history.ts';
import { checkLeases } from './lease-checks.ts';
import { checkEndpointWrites } from './limiter-checks.ts';
import type { Write } from './memory-table.ts';
import { checkModel } from './model-checks.ts';
import { missingFrom } from './set-difference.ts';
import { checkClaims, checkTurns } from './turn-checks.ts';

const isSameContent = (a: Memory, b: Memory): boolean =>
  a.text === b.text &&
  a.state === b.state &&
  JSON.stringify([a.terms, a.metadata, a.entities, a.extraEntities]) ===
    JSON.stringify([b.terms, b.metadata, b.entities, b.extraEntities]);

const checkVersion = (
  context: CheckContext,
  writes: readonly Write[],
  before: Item<'MEMORY'> | undefined,
  after: Item<'MEMORY'>,
): void => {
  const { id, version } = after;
  if (version !== (before?.version ?? 0) + 1 && version !== before?.version)
    context.report(`memory ${id} went from version ${before?.version} to ${version}`);
  if (before?.version === version) {
    if (!isSameContent(before, after)) context.report(`memory ${id} changed without a new version`);
    return;
  }
  if (before?.state === 'deleted') context.report(`deleted memory ${id} was written again`);
  // The revision of a closed version is that of the update; the revision of a memory that is erased after it was closed, too.
  const isOfUpdate = after.supersededBy !== undefined || before?.state === 'closed';
  const needsRevision =
    !isOfUpdate && (before?.text !== after.text || before.state !== after.state);
  if (
    needsRevision &&
    !writesOf(writes, 'REV').some((revision) => revision.after?.version === version)
  )
    context.report(`version ${version} of memory ${id} left no revision`);
};

const checkMemories = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'MEMORY')) {
    if (after) checkVersion(context, writes, before, after);
    else if (before && context.history.memories.get(before.id)?.publishedAt !== undefined)
      context.report(`memory ${before.id} was removed after readers saw it`);
  }
};

const checkOutbox = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'OUTBOX')) {
    if (!before || !after) continue;
    const types = (item: Item<'OUTBOX'>) => item.facts.map(({ type }) => type).join();
    if (types(before) !== types(after))
      context.report(`${types(before)} was overwritten by ${types(after)} before its fan-out`);
  }
};

const checkEntities = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ENTITY'))
    if (before && (!after || after.revision < before.revision))
      context.report(`the cutoffs of ${before.kind} ${before.id} were lost`);
};

/** Memories whose texts are erased from the change list of an event. */
const erasedMemories = (item: Item<'CHANGES'> | undefined): Set<string | undefined> =>
  new Set(item?.changes.flatMap(({ memory, erased }) => (erased ? [memory] : [])));

const factsWithoutText = (item: Item<'OUTBOX'> | undefined): Set<string> =>
  new Set(
    item?.facts.flatMap((fact) =>
      'memory' in fact && fact.text === undefined ? [fact.memory] : [],
    ),
  );

/** An erased text never returns to the change list of an event or to an outbox item. */
const checkErased = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'CHANGES'))
    if (after && missingFrom(erasedMemories(after), erasedMemories(before)).length > 0)
      context.report('the change list of an event contains an erased text again');
  for (const { before, after } of writesOf(writes, 'OUTBOX'))
    if (after && missingFrom(factsWithoutText(after), factsWithoutText(before)).length > 0)
      context.report('an outbox item contains an erased text again');
};

const checkErasedTurns = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN'))
    if (before?.erased && after && after.messages.length > 0)
      context.report(`the text of turn ${after.id} came back`);
};

const itemsOf = <K extends ItemKind>({ table }: CheckContext, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

/** Nothing that the delete-all covers is live, closed, or listed for an erasure, and no turn has its words. */
const checkJobErased = (context: CheckContext, { id, match, before }: Job): void => {
  for (const memory of itemsOf(context, 'MEMORY')) {
    if (memory.stagedBy || !isDeletedByCutoff(memory, [{ match, before }])) continue;
    if (memory.state !== 'deleted' || memory.erasing)
      context.report(`the delete-all ${id} succeeded before memory ${memory.id} was erased`);
  }
  const isCovered = cutOffBy([{ match, before }]);
  for (const turn of itemsOf(context, 'TURN'))
    if (turn.state === 'applied' && !turn.erased && isCovered(turn))
      context.report(`the delete-all ${id} succeeded before turn ${turn.id} was erased`);
};

/** Each deletion by the job is counted once. */
const checkCounts = (context: CheckContext, { id }: Job, counts: Job['counts']): void => {
  const deleted = itemsOf(context, 'REV').filter(
    ({ type, event }) => type === 'DELETE' && event === id,
  );
  if (counts.memories !== deleted.length)
    context.report(
      `the delete-all ${id} counted ${counts.memories} memories and deleted ${deleted.length}`,
    );
};

/** Proves of every delete-all, when it succeeds, that all it covers is erased, and that it counted what it did. */
const checkJobs = (context: CheckContext, writes: readonly Write[]): void => {
  const [event] = writesOf(writes, 'EVENT');
  for (const { before: job, after } of writesOf(writes, 'JOB')) {
    if (!job || after || job.kind !== 'delete_all') continue;
    checkJobErased(context, job);
    if (event?.after?.counts) checkCounts(context, job, event.after.counts);
  }
};

type Check = (context: CheckContext, writes: readonly Write[]) => void;

const checks: readonly (readonly [Invariant, Check])[] = [
  ['leases', checkLeases],
  ['states', checkTurns],
  ['versions', checkMemories],
  ['facts', checkApplied],
  ['webhooks', checkOutbox],
  ['repeats', checkClaims],
  ['erasure', checkEntities],
  ['erasure', checkErased],
  ['erasure', checkErasedTurns],
  ['webhooks', checkDeliveries],
  ['webhooks', checkEndpointWrites],
  ['model', checkModel],
  ['erasure', checkJobs],
];

/**
 * Proves the invariants of single transactions: runs at every commit, whichever actor commits, with the items before and
 * after. The table still has the state after the commit and the history the state before.
 */
export const checkCommit = (context: CheckContext, writes: readonly Write[]): void => {
  for (const [invariant, check] of checks) context.during(invariant, () => check(context, writes));
};
