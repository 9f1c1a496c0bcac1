import type { ScopeLease } from '../domain/processing.ts';
import { scopeLeaseKey } from '../domain/table/keys.ts';
import type { CheckContext } from './check-context.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const getLeaseHolder = ({ leaseHolders }: CheckContext, head: ScopeLease | undefined) =>
  leaseHolders.get(head?.token ?? '');

const checkClaim = (context: CheckContext, before: ScopeLease | undefined): void => {
  if (!before) return;
  if (before.token !== '' && (before.leaseUntil ?? 0) > context.now())
    context.report('a scope was taken from the holder of a live lease');
  if ((before.notBefore ?? 0) > context.now())
    context.report('a scope was claimed before its postponement was over');
};

/** The lease without the mark, which requests to process write. */
const withoutMark = ({ mark: _, ...lease }: ScopeLease): string => JSON.stringify(lease);

/** A lease is claimed only when free or expired; between claims only its holder writes the head. */
const checkHead = (
  context: CheckContext,
  before: ScopeLease | undefined,
  after: ScopeLease,
): void => {
  const actor = context.currentActor();
  if (withoutMark(before ?? {}) === withoutMark(after)) return;
  if (after.token && after.token !== before?.token) {
    checkClaim(context, before);
    if (actor) context.leaseHolders.set(after.token, actor);
    return;
  }
  const holder = getLeaseHolder(context, before);
  if (holder && actor !== holder)
    context.report('a scope was written by an actor that had lost its lease');
};

/** Scopes with writes that need the scope's lease: plans, and the end of a turn's refinement. */
const refinedScopes = (writes: readonly Write[]) => {
  const turns = writesOf(writes, 'TURN').flatMap(({ before, after }) =>
    before?.state === 'pending' && (after?.state === 'applied' || after?.state === 'failed')
      ? [{ project: after.project, scope: after.scope }]
      : [],
  );
  const plans = writesOf(writes, 'PEND').flatMap(({ before, after }) =>
    after?.plan && after.plan.id !== before?.plan?.id
      ? [{ project: after.project, scope: after.scope }]
      : [],
  );
  return [...turns, ...plans];
};

/** Proves mutual exclusion of refinement: the current lease holder of a scope is the only actor that refines it. */
export const checkLeases = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'LEASE'))
    if (after) checkHead(context, before, after);
  for (const { project, scope } of refinedScopes(writes))
    if (
      getLeaseHolder(context, context.table.get(scopeLeaseKey(project, scope))) !==
      context.currentActor()
    )
      context.report('a scope was refined by an actor without its lease');
};
