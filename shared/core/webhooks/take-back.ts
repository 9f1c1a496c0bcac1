import type { Item } from '../../domain/table/items.ts';
import { backlogEntryKey, deliveryKey, limiterKey, recoveryKey } from '../../domain/table/keys.ts';
import { priorities } from '../../domain/webhooks/delivery.ts';
import { unrecovered } from '../../domain/webhooks/delivery-transitions.ts';
import type { Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { deliveryIsQueued, recoveryIsCancelled } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { remove, update } from '../steps.ts';
import { writeOutcome } from './record-attempt.ts';

/** One that was tried meanwhile is no longer the recovery's. */
const undoOne = async (platform: CorePlatform, item: Item<'DELIVERY'>): Promise<void> => {
  const { queuedPriority = priorities.replay, attempts } = item;
  const outcome = unrecovered(item, platform.clock.now());
  await writeOutcome(platform, item, outcome, deliveryIsQueued(attempts, queuedPriority), [
    remove(backlogEntryKey(item, queuedPriority)),
  ]);
};

/** What a cancelled recovery put in line, and nobody tried yet, goes back to what it was. */
export const undoRecovery = async (
  platform: CorePlatform,
  { project, endpoint, id }: Recovery,
): Promise<void> => {
  const { store } = platform;
  const { pk } = limiterKey(project, endpoint);
  const prefix = `PARK#${priorities.replay}#`;
  const places = await everyPage((from) => store.query({ kind: 'PARK', pk, prefix, ...from }));
  const keys = places.map(({ item }) => deliveryKey(project, item.notification, endpoint));
  for (const delivery of await store.getMany(keys))
    if (delivery?.recovery === id && delivery.queuedPriority !== undefined)
      await undoOne(platform, delivery);
  const key = recoveryKey(project, endpoint, id);
  await commit(platform, [update(key, {}, recoveryIsCancelled, ['dueAt'])]);
};
