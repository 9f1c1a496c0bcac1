import { mapConcurrent } from '../domain/map-concurrent.ts';
import { eventKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type EventView, getEvent, retryEvent } from './events.ts';

/** Reads an event, and those of the other turns and of the copies of its request, strongly consistent; empty when absent. */
export const getGroup = async (
  platform: Platform,
  project: string,
  id: string,
): Promise<EventView[]> => {
  const first = await getEvent(platform, project, id);
  if (!first) return [];
  const others = await mapConcurrent([...(first.group ?? []), ...(first.copies ?? [])], (other) =>
    getEvent(platform, project, other),
  );
  return [first, ...others.flatMap((event) => event ?? [])];
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
