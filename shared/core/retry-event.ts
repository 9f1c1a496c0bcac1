import { mapConcurrent } from '../domain/map-concurrent.ts';
import { outcomesOf, withRetriedAttachments } from '../domain/memory/attachment.ts';
import type { Event } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import { eventKey, pendingKey, turnKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { Step } from '../ports/store.ts';
import { commit, failedConditions } from './commit.ts';
import { eventIsFailed, messageIsErasable, turnIsFailed } from './conditions.ts';
import { turnOfEvent } from './events.ts';
import { enqueueHints, hints } from './hints.ts';
import { put, update } from './steps.ts';

/** The write that makes a failed turn pending, and what its event shows of attachments that are read again. */
const retryWrites = (turn: Turn): { step: Step; shown: Pick<Event, 'attachments'> } => {
  const key = turnKey(turn.project, turn.id);
  const retried = withRetriedAttachments(turn);
  if (!retried) return { step: update(key, { state: 'pending' }, turnIsFailed), shown: {} };
  const attachments = outcomesOf(retried);
  return {
    step: update(
      key,
      { state: 'pending', messages: retried.messages },
      // A message that was edited or erased since must not come back.
      messageIsErasable(turn),
    ),
    shown: attachments ? { attachments } : {},
  };
};

/**
 * Makes a failed event pending again with all its retries, in one transaction; of two concurrent calls one succeeds. Changes
 * by newer turns stay, since an older turn never undoes them. Attachments that failed for a reason which may pass are read again.
 */
export const retryEvent = async (
  platform: Pick<Platform, 'store' | 'clock' | 'ids' | 'turns' | 'notifications' | 'telemetry'>,
  project: string,
  id: string,
): Promise<'retried' | 'not_found' | 'not_failed'> => {
  const event = await platform.store.get(eventKey(project, id));
  if (!event) return 'not_found';
  const turn = await turnOfEvent(platform, project, event);
  if (event.status !== 'FAILED' || !turn || turn.state !== 'failed') return 'not_failed';
  const now = platform.clock.now();
  const { step, shown } = retryWrites(turn);
  const result = await commit(platform, [
    update(
      eventKey(project, id),
      { status: 'PENDING', stage: 'queued', attempts: 0, updatedAt: now, ...shown },
      eventIsFailed,
      ['error', 'completedAt', 'expiresAt'],
    ),
    step,
    put(pendingKey(project, turn.scope, turn.id), {
      turn: turn.id,
      event: id,
      project,
      scope: turn.scope,
      failures: 0,
      since: now,
      dueAt: now,
    }),
  ]);
  if (failedConditions(result).includes(messageIsErasable(turn).name))
    return retryEvent(platform, project, id);
  if (!result.committed) return 'not_failed';
  await enqueueHints(platform, [hints.refine(project, turn.scope)]);
  return 'retried';
};

/**
 * Makes the failed events of a request pending again, as `retryEvent` does: the event, and where that is the first of several those of
 * the other turns and of the copies. `not_failed`: none of them had failed.
 * @throws RetryableError when the store cannot be reached
 */
export const retryGroup = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<'retried' | 'not_found' | 'not_failed'> => {
  const first = await platform.store.get(eventKey(project, id));
  if (!first) return 'not_found';
  const outcomes = await mapConcurrent(
    [id, ...(first.group ?? []), ...(first.copies ?? [])],
    (event) => retryEvent(platform, project, event),
  );
  return outcomes.includes('retried') ? 'retried' : 'not_failed';
};
