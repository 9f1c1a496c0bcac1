import type { Memory } from '../../../shared/domain/memory/memory.ts';
import type { Item } from '../../../shared/domain/table/items.ts';
import { checkApplied } from './apply-checks.ts';
import type { CommitScope } from './commit-scope.ts';
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
  a.indexText === b.indexText &&
  JSON.stringify([a.metadata, a.entities, a.extraEntities]) ===
    JSON.stringify([b.metadata, b.entities, b.extraEntities]);

const checkVersion = (
  service: CommitScope,
  writes: readonly Write[],
  before: Item<'MEMORY'> | undefined,
  after: Item<'MEMORY'>,
): void => {
  const { id, version } = after;
  if (version !== (before?.version ?? 0) + 1 && version !== before?.version)
    service.complain(`memory ${id} went from version ${before?.version} to ${version}`);
  if (before?.version === version) {
    if (!isSameContent(before, after))
      service.complain(`memory ${id} changed without a new version`);
    return;
  }
  if (before?.state === 'deleted') service.complain(`deleted memory ${id} was written again`);
  const told = before?.text !== after.text || before.state !== after.state;
  if (told && !writesOf(writes, 'REV').some((revision) => revision.after?.version === version))
    service.complain(`version ${version} of memory ${id} left no revision`);
};

const checkMemories = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'MEMORY')) {
    if (after) checkVersion(service, writes, before, after);
    else if (before && service.history.memories.get(before.id)?.publishedAt !== undefined)
      service.complain(`memory ${before.id} was removed after readers saw it`);
  }
};

const checkOutbox = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'OUTBOX')) {
    if (!before || !after) continue;
    const types = (item: Item<'OUTBOX'>) => item.facts.map(({ type }) => type).join();
    if (types(before) !== types(after))
      service.complain(
        `${types(before)} was overwritten by ${types(after)} before anyone was told`,
      );
  }
};

const checkEntities = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'ENTITY'))
    if (before && (!after || after.revision < before.revision))
      service.complain(`the delete-alls of ${before.kind} ${before.id} were forgotten`);
};

/** Memories whose texts were taken out of what tells of changes, or never were in it. */
const silentIn = (item: Item<'CHANGES'> | undefined): Set<string | undefined> =>
  new Set(item?.changes.flatMap(({ memory, erased }) => (erased ? [memory] : [])));

const unnotifiedIn = (item: Item<'OUTBOX'> | undefined): Set<string> =>
  new Set(
    item?.facts.flatMap((fact) =>
      'memory' in fact && fact.text === undefined ? [fact.memory] : [],
    ),
  );

/** Texts that were erased do not come back into what tells of them. */
const checkErased = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'CHANGES'))
    if (after && missingFrom(silentIn(after), silentIn(before)).length > 0)
      service.complain('the changes of an event tell again of a memory that was erased');
  for (const { before, after } of writesOf(writes, 'OUTBOX'))
    if (after && missingFrom(unnotifiedIn(after), unnotifiedIn(before)).length > 0)
      service.complain('an untold notice tells again of a memory that was erased');
};

const checkErasedTurns = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'TURN'))
    if (before?.erased && after && after.messages.length > 0)
      service.complain(`the text of turn ${after.id} came back`);
};

const checks = [
  checkLeases,
  checkTurns,
  checkMemories,
  checkApplied,
  checkOutbox,
  checkClaims,
  checkEntities,
  checkErased,
  checkErasedTurns,
  checkDeliveries,
  checkEndpointWrites,
  checkModel,
];

/** What must hold of every single transaction, whoever makes it. */
export const checkCommit = (service: CommitScope, writes: readonly Write[]): void => {
  for (const check of checks) check(service, writes);
};
