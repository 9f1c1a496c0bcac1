import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import { eventKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { readAttachments } from '../attachments/read-attachments.ts';
import { eventIsOpen } from '../conditions.ts';
import { readCutoffsAndSettings } from '../cutoffs.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { update } from '../steps.ts';
import { commitUnderLease, type Lease } from './lease.ts';
import type { PendingWork } from './pending-turns.ts';

/** Marks the event as running; false when it has ended since the turn was read. */
const markReading = async (
  platform: Platform,
  lease: Lease,
  { pending }: PendingWork,
): Promise<boolean> => {
  const now = platform.clock.now();
  const running = { status: 'RUNNING', stage: 'reading', startedAt: now, updatedAt: now } as const;
  const step = update(eventKey(lease.project, pending.event), running, eventIsOpen);
  return (await commitUnderLease(platform, lease, [step])).committed;
};

/**
 * Fetches the links of a turn and reads its files, before the turn is decided, so that no slow link holds a permit of the language
 * model. A turn that a delete-all covers is cancelled instead. When the turn changed meanwhile, it has to be read again.
 * @throws LeaseLost; RetryableError when the store, or that of the files, cannot be reached
 */
export const readFiles = async (
  platform: Platform,
  lease: Lease,
  item: PendingWork,
): Promise<void> => {
  const { turn } = item;
  const { cutoffs } = await readCutoffsAndSettings(platform, lease.project, [turn]);
  if (cutOffBy(cutoffs)(turn)) {
    await cancelTurn(platform, turn);
    return;
  }
  if (!(await markReading(platform, lease, item))) return;
  await readAttachments(platform, lease, turn, { describes: false });
};
