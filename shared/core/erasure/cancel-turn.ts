import type { Turn } from '../../domain/memory/turn.ts';
import { eventKey, pendingKey, planKey, recentKeys, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { eventIsOpen, turnIsFailed, turnIsPending } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { remove, update } from '../steps.ts';
import { remainsDays, retention } from '../ttl.ts';

/**
 * Cancels a pending or failed turn and erases its text, in one transaction. A worker that is refining the turn can no longer
 * apply it, because apply requires a pending turn. Returns false when the turn was applied or cancelled in the meantime.
 * Safe to repeat; after a crash the due time of the turn leads to the index entry that may still hold its text.
 */
export const cancelTurn = async (
  platform: Platform,
  turn: Turn,
  extraWrites: readonly Step[] = [],
): Promise<boolean> => {
  const { project, scope, id, event } = turn;
  const now = platform.clock.now();
  const text = { messages: [], metadata: {}, options: { infer: true }, erased: true };
  const cancelled = {
    state: 'cancelled' as const,
    dueAt: now,
    ...text,
    ...retention(remainsDays, now),
  };
  const common = [
    remove(pendingKey(project, scope, id)),
    remove(planKey(project, scope, id)),
    ...recentKeys(project, turn, id).map((key) => remove(key)),
    ...extraWrites,
  ];
  const pending = await commit(platform, [
    update(turnKey(project, id), cancelled, turnIsPending),
    update(
      eventKey(project, event),
      {
        status: 'CANCELLED',
        stage: 'finished',
        completedAt: now,
        updatedAt: now,
        ...retention(platform.policy.retainEventsDays, now),
      },
      eventIsOpen,
      ['error'],
    ),
    ...common,
  ]);
  // The index may hold the turn verbatim, and a request to process may have waited for this turn alone.
  const enqueueAll = () =>
    enqueueHints(platform, [...hints.erased(turn), hints.refine(project, scope)]);
  if (pending.committed) {
    await enqueueAll();
    return true;
  }
  const failed = await commit(platform, [
    update(turnKey(project, id), cancelled, turnIsFailed),
    ...common,
  ]);
  if (failed.committed) await enqueueAll();
  return failed.committed;
};
