import { mapConcurrent } from '../domain/map-concurrent.ts';
import type { Platform } from '../ports/platform.ts';
import { type EventView, getEvent } from './events.ts';

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
