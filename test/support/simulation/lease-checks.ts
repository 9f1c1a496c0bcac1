import type { ScopeLease } from '../../../shared/domain/table/items.ts';
import { headKey } from '../../../shared/domain/table/keys.ts';
import type { CommitWorld } from './commit-world.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const holderOf = ({ holders }: CommitWorld, head: ScopeLease | undefined) =>
  holders.get(head?.token ?? '');

const checkClaim = (world: CommitWorld, before: ScopeLease | undefined): void => {
  if (!before) return;
  if (before.token !== '' && before.leaseUntil > world.now())
    world.complain('a scope was taken from who holds it');
  if ((before.notBefore ?? 0) > world.now())
    world.complain('a scope was claimed before its pause was over');
};

/** Claims come one after the other; between them only the holder writes. */
const checkHead = (world: CommitWorld, before: ScopeLease | undefined, after: ScopeLease): void => {
  const actor = world.acting();
  if (after.token !== '' && after.token !== before?.token) {
    checkClaim(world, before);
    if (actor) world.holders.set(after.token, actor);
    return;
  }
  const holder = holderOf(world, before);
  if (holder && actor !== holder) world.complain('a scope was given away by one who lost it');
};

/** What only the holder of a scope may write: plans, and the end of a turn that was refined. */
const refinedScopes = (writes: readonly Write[]) => {
  const turns = writesOf(writes, 'TURN').flatMap(({ before, after }) =>
    before?.state === 'pending' && (after?.state === 'applied' || after?.state === 'failed')
      ? [{ project: after.project, scope: after.scope }]
      : [],
  );
  const plans = writesOf(writes, 'PLAN').flatMap(({ key, after }) => {
    const [, project = '', ...scope] = key.pk.split('#');
    return after ? [{ project, scope: scope.join('#') }] : [];
  });
  return [...turns, ...plans];
};

/** One at a time refines a scope. */
export const checkLeases = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'HEAD'))
    if (after) checkHead(world, before, after);
  for (const { project, scope } of refinedScopes(writes))
    if (holderOf(world, world.table.get(headKey(project, scope))) !== world.acting())
      world.complain('a scope was refined by one who does not hold it');
};
