import type { Turn } from '../../domain/memory/turn.ts';
import { pendingKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { workIsLeft } from '../conditions.ts';
import { update } from '../steps.ts';

/**
 * Removes the plan from the work item of a turn whose text was changed or erased just before: it has words of the former text. After a crash
 * the worker discards it, since the revision of the turn made it void. Safe to repeat; a plan of the new text is at most decided again.
 */
export const dropPlan = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids' | 'telemetry'>,
  { project, scope, id, state }: Turn,
): Promise<void> => {
  if (state === 'applied') return;
  await commit(platform, [update(pendingKey(project, scope, id), {}, workIsLeft, ['plan'])]);
};
