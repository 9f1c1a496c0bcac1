import type { Item } from '../../../shared/domain/table/items.ts';
import { eventKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { CommitScope } from './commit-scope.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const hourMs = 3_600_000;

/** What a turn that waited in vain fails with; nothing else does in the simulation. */
const inVain = 'model_unavailable';

/** A try is spent by what the model did with a turn: it served at some time since the turn was begun. */
const checkSpent = (service: CommitScope, event: Item<'EVENT'> | undefined): void => {
  const outSince = service.model.outSince();
  if (outSince !== undefined && outSince < (event?.startedAt ?? 0))
    service.complain(`turn ${event?.turn} spent a try although the model was out all the while`);
};

const checkTries = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'PEND'))
    if (before && after && after.failures > before.failures)
      checkSpent(service, service.table.get(eventKey(after.project, after.event)));
  for (const { before, after } of writesOf(writes, 'EVENT'))
    if (before?.status !== 'FAILED' && after?.status === 'FAILED' && after.error?.code !== inVain)
      checkSpent(service, before);
};

/** Since when a turn may count as waiting: its acceptance, or the last time it was given a fresh budget. */
const begunAt = (service: CommitScope, pending: Item<'PEND'>): number =>
  pending.since ??
  service.table.get(turnKey(pending.project, pending.turn))?.createdAt ??
  service.now();

/** Only a turn that has waited for the whole time fails for that. */
const checkGivenUp = (service: CommitScope, writes: readonly Write[]): void => {
  const limitMs = service.modelGiveUpHours * hourMs;
  const failed = writesOf(writes, 'EVENT').some(
    ({ before, after }) =>
      before?.status !== 'FAILED' && after?.status === 'FAILED' && after.error?.code === inVain,
  );
  if (!failed) return;
  for (const { before, after } of writesOf(writes, 'PEND'))
    if (before && !after && service.now() - begunAt(service, before) < limitMs)
      service.complain(`turn ${before.turn} was given up before its time`);
};

/** A scope that goes on waiting holds no turn that has waited for longer than the limit. */
const checkWaiting = (service: CommitScope, writes: readonly Write[]): void => {
  const limitMs = service.modelGiveUpHours * hourMs;
  for (const { key, before, after } of writesOf(writes, 'LEASE')) {
    const isReleased = before?.token !== '' && after?.token === '';
    if (!isReleased || after.notBefore === undefined || after.waitingSince === undefined) continue;
    // What time passed between the look and the release is nobody's fault.
    const lookedAt = service.now() - 60_000;
    for (const { item } of service.table.query({ kind: 'PEND', pk: key.pk, prefix: 'PEND#' })
      .items) {
      const turn = service.table.get(turnKey(item.project, item.turn));
      const since = Math.max(begunAt(service, item), after.waitingSince);
      if (turn?.options.infer && lookedAt - since > limitMs)
        service.complain(`turn ${item.turn} waits for longer than any turn may`);
    }
  }
};

/** Each state of the breaker follows from the one before. */
const checkBreaker = (service: CommitScope, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'OUTAGE'))
    if (after?.version !== (before?.version ?? 0) + 1)
      service.complain(`the breaker went from version ${before?.version} to ${after?.version}`);
};

/** A model that cannot be used costs no turn a try, and keeps none waiting for ever. */
export const checkModel = (service: CommitScope, writes: readonly Write[]): void => {
  checkTries(service, writes);
  checkGivenUp(service, writes);
  checkWaiting(service, writes);
  checkBreaker(service, writes);
};
