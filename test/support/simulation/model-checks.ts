import type { Item } from '../../../shared/domain/table/items.ts';
import { eventKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { CommitWorld } from './commit-world.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const hourMs = 3_600_000;

/** What a turn that waited in vain fails with; nothing else does in the simulation. */
const inVain = 'model_unavailable';

/** A try is spent by what the model did with a turn: it served at some time since the turn was begun. */
const checkSpent = (world: CommitWorld, event: Item<'EVENT'> | undefined): void => {
  const outSince = world.model.outSince();
  if (outSince !== undefined && outSince < (event?.startedAt ?? 0))
    world.complain(`turn ${event?.turn} spent a try although the model was out all the while`);
};

const checkTries = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'PEND'))
    if (before && after && after.failures > before.failures)
      checkSpent(world, world.table.get(eventKey(after.project, after.event)));
  for (const { before, after } of writesOf(writes, 'EVENT'))
    if (before?.status !== 'FAILED' && after?.status === 'FAILED' && after.error?.code !== inVain)
      checkSpent(world, before);
};

/** Since when a turn may count as waiting: its acceptance, or the last time it was given a fresh budget. */
const begunAt = (world: CommitWorld, pending: Item<'PEND'>): number =>
  pending.since ??
  world.table.get(turnKey(pending.project, pending.turn))?.createdAt ??
  world.now();

/** Only a turn that has waited for the whole time fails for that. */
const checkGivenUp = (world: CommitWorld, writes: readonly Write[]): void => {
  const limitMs = world.modelGiveUpHours * hourMs;
  const failed = writesOf(writes, 'EVENT').some(
    ({ before, after }) =>
      before?.status !== 'FAILED' && after?.status === 'FAILED' && after.error?.code === inVain,
  );
  if (!failed) return;
  for (const { before, after } of writesOf(writes, 'PEND'))
    if (before && !after && world.now() - begunAt(world, before) < limitMs)
      world.complain(`turn ${before.turn} was given up before its time`);
};

/** A scope that goes on waiting holds no turn that has waited for longer than the limit. */
const checkWaiting = (world: CommitWorld, writes: readonly Write[]): void => {
  const limitMs = world.modelGiveUpHours * hourMs;
  for (const { key, before, after } of writesOf(writes, 'HEAD')) {
    const isReleased = before?.token !== '' && after?.token === '';
    if (!isReleased || after.notBefore === undefined || after.waitingSince === undefined) continue;
    // What time passed between the look and the release is nobody's fault.
    const lookedAt = world.now() - 60_000;
    for (const { item } of world.table.query({ kind: 'PEND', pk: key.pk, prefix: 'PEND#' }).items) {
      const turn = world.table.get(turnKey(item.project, item.turn));
      const since = Math.max(begunAt(world, item), after.waitingSince);
      if (turn?.options.infer && lookedAt - since > limitMs)
        world.complain(`turn ${item.turn} waits for longer than any turn may`);
    }
  }
};

/** Each state of the breaker follows from the one before. */
const checkBreaker = (world: CommitWorld, writes: readonly Write[]): void => {
  for (const { before, after } of writesOf(writes, 'OUTAGE'))
    if (after?.version !== (before?.version ?? 0) + 1)
      world.complain(`the breaker went from version ${before?.version} to ${after?.version}`);
};

/** A model that cannot be used costs no turn a try, and keeps none waiting for ever. */
export const checkModel = (world: CommitWorld, writes: readonly Write[]): void => {
  checkTries(world, writes);
  checkGivenUp(world, writes);
  checkWaiting(world, writes);
  checkBreaker(world, writes);
};
