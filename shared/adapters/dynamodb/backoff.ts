import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

const firstPauseMs = 20;

/** Waits before a request is tried again: longer each time, and not in step with others that wait. */
export const createBackoff =
  ({ clock, ids }: { clock: Pick<Clock, 'sleep'>; ids: Pick<Ids, 'random'> }) =>
  (attempt: number): Promise<void> =>
    clock.sleep(firstPauseMs * 2 ** attempt * (0.5 + ids.random()));
