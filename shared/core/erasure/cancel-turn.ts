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
 * Takes a rough turn out of sight for good and erases it: whoever is refining it can no longer apply.
 * False when it was applied or cancelled meanwhile. Repeating it is safe.
 */
export const cancelTurn = async (
  platform: Platform,
  turn: Turn,
  besides: readonly Step[] = [],
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
    ...besides,
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
  // The index may hold it verbatim.
  const settle = () => enqueueHints(platform, [hints.settle(project, id)]);
  if (pending.committed) {
    await settle();
    return true;
  }
  const failed = await commit(platform, [
    update(turnKey(project, id), cancelled, turnIsFailed),
    ...common,
  ]);
  if (failed.committed) await settle();
  return failed.committed;
};
