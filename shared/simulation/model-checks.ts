import type { Item } from '../domain/table/items.ts';
import { eventKey, turnKey } from '../domain/table/keys.ts';
import type { CheckContext } from './check-context.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const hourMs = 3_600_000;

/** Error code of a turn that waited too long for the model. No other failure in the simulation has this code. */
const waitExpiredCode = 'model_unavailable';

/** A failure counts against a turn only if the model was available at some time since the attempt began. */
const checkFailureCounted = (context: CheckContext, event: Item<'EVENT'> | undefined): void => {
  const outSince = context.model.outSince();
  if (outSince !== undefined && outSince < (event?.startedAt ?? 0))
    context.report(
      `turn ${event?.turn} counted a failure although the model was out the whole time`,
    );
};

const checkFailures = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'PEND'))
    if (before && after && after.failures > before.failures)
      checkFailureCounted(context, context.table.get(eventKey(after.project, after.event)));
  for (const { before, after } of writesOf(writes, 'EVENT'))
    if (
      before?.status !== 'FAILED' &&
      after?.status === 'FAILED' &&
      after.error?.code !== waitExpiredCode
    )
      checkFailureCounted(context, before);
};

/** Start of a turn's waiting time in ms: its acceptance, or its last retry. */
const waitingStart = (context: CheckContext, pending: Item<'PEND'>): number =>
  pending.since ??
  context.table.get(turnKey(pending.project, pending.turn))?.createdAt ??
  context.now();

/** A turn fails for lack of a model only after the full waiting time. */
const checkGivenUp = (context: CheckContext, writes: readonly Write[]): void => {
  const limitMs = context.modelGiveUpHours * hourMs;
  const failed = writesOf(writes, 'EVENT').some(
    ({ before, after }) =>
      before?.status !== 'FAILED' &&
      after?.status === 'FAILED' &&
      after.error?.code === waitExpiredCode,
  );
  if (!failed) return;
  for (const { before, after } of writesOf(writes, 'PEND'))
    if (before && !after && context.now() - waitingStart(context, before) < limitMs)
      context.report(`turn ${before.turn} failed before its waiting time was over`);
};

/** A scope that is postponed contains no turn that has waited beyond the limit. */
const checkWaiting = (context: CheckContext, writes: readonly Write[]): void => {
  const limitMs = context.modelGiveUpHours * hourMs;
  for (const { key, before, after } of writesOf(writes, 'LEASE')) {
    const isReleased = before?.token !== '' && after?.token === '';
    if (!isReleased || after.notBefore === undefined || after.waitingSince === undefined) continue;
    // Allows for the time between the worker's check and its release of the scope.
    const checkedAt = context.now() - 60_000;
    for (const { item } of context.table.query({ kind: 'PEND', pk: key.pk, prefix: 'PEND#' })
      .items) {
      const turn = context.table.get(turnKey(item.project, item.turn));
      const since = Math.max(waitingStart(context, item), after.waitingSince);
      if (turn?.options.infer && checkedAt - since > limitMs)
        context.report(`turn ${item.turn} waits beyond the limit`);
    }
  }
};

/** Every write of the circuit breaker follows the version before (optimistic concurrency). */
const checkBreaker = (context: CheckContext, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'OUTAGE'))
    if (after?.version !== (before?.version ?? 0) + 1)
      context.report(`the breaker went from version ${before?.version} to ${after?.version}`);
};

/** Proves that an outage of the model neither counts as failures of turns nor makes a turn wait beyond the limit. */
export const checkModel = (context: CheckContext, writes: readonly Write[]): void => {
  checkFailures(context, writes);
  checkGivenUp(context, writes);
  checkWaiting(context, writes);
  checkBreaker(context, writes);
};
