import type { ScopeLease } from '../../../shared/domain/table/items.ts';
import { scopeLeaseKey } from '../../../shared/domain/table/keys.ts';
import type { CommitScope } from './commit-scope.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const holderOf = ({ holders }: CommitScope, head: ScopeLease | undefined) =>
  holders.get(head?.token ?? '');

const checkClaim = (service: CommitScope, before: ScopeLease | undefined): void => {
  if (!before) return;
  if (before.token !== '' && before.leaseUntil > service.now())
    service.complain('a scope was taken from who holds it');
  if ((before.notBefore ?? 0) > service.now())
    service.complain('a scope was claimed before its pause was over');
};

/** Claims come one after the other; between them only the holder writes. */
const checkHead = (
  service: CommitScope,
  before: ScopeLease | undefined,
  after: ScopeLease,
): void => {
  const actor = service.acting();
  if (after.token !== '' && after.token !== before?.token) {
    checkClaim(service, before);
    if (actor) service.holders.set(after.token, actor);
    return;
  }
  const holder = holderOf(service, before);
  if (holder && actor !== holder) service.complain('a scope was given away by one who lost it');
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
export const checkLeases = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'LEASE'))
    if (after) checkHead(service, before, after);
  for (const { project, scope } of refinedScopes(writes))
    if (holderOf(service, service.table.get(scopeLeaseKey(project, scope))) !== service.acting())
      service.complain('a scope was refined by one who does not hold it');
};
