import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';

const baseDelayMs = 20;

/** Creates an exponential backoff with jitter: waits before retry number `attempt`. */
export const createBackoff =
  ({ clock, ids }: { clock: Pick<Clock, 'sleep'>; ids: Pick<Ids, 'random'> }) =>
  (attempt: number): Promise<void> =>
    clock.sleep(baseDelayMs * 2 ** attempt * (0.5 + ids.random()));
