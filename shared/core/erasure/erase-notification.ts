import type { Item } from '../../domain/table/items.ts';
import { attemptKey, deliveryKey, notificationKey } from '../../domain/table/keys.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import { withoutTexts } from '../../domain/webhooks/payload.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { update } from '../steps.ts';

const redactBody = async (
  platform: CorePlatform,
  { project, id }: Item<'NOTIFICATION'>,
): Promise<void> => {
  const key = notificationKey(project, id);
  for (;;) {
    const item = await platform.store.get(key);
    if (!item || item.erased) return;
    const { erasures = 0 } = item;
    const body = withoutTexts(item.body);
    const erased = { body, erased: true, erasures: erasures + 1 };
    const step = update(key, erased, erasuresAre(erasures));
    if ((await commit(platform, [step])).committed) return;
  }
};

/**
 * Removes stored responses of a delivery, because a receiver may echo the text that it was sent. The mark on the delivery
 * keeps later responses from being stored.
 */
const redactResponses = async (
  platform: CorePlatform,
  { project, id, notification, endpoint }: Delivery,
): Promise<void> => {
  const key = deliveryKey(project, notification, endpoint);
  await commit(platform, [update(key, { erased: true }, itemExists)]);
  const { pk } = attemptKey(project, id, 0);
  const attempts = await everyPage((from) =>
    platform.store.query({ kind: 'ATTEMPT', pk, prefix: 'ATTEMPT#', ...from }),
  );
  for (const { key, item } of attempts)
    if (item.responseBody !== undefined || item.responseHeaders !== undefined)
      await commit(platform, [update(key, {}, itemExists, ['responseBody', 'responseHeaders'])]);
};

/**
 * Erases the memory's text from a notification and its deliveries: later attempts send the payload without the text.
 * Idempotent, so it may be repeated after a crash. Concurrent erasures of one notification are serialised by their counter.
 */
export const eraseNotification = async (
  platform: CorePlatform,
  notification: Item<'NOTIFICATION'>,
): Promise<void> => {
  const { project, id } = notification;
  await redactBody(platform, notification);
  const { pk } = deliveryKey(project, id, '');
  const deliveries = await everyPage((from) =>
    platform.store.query({ kind: 'DELIVERY', pk, prefix: 'DELIVERY#', ...from }),
  );
  for (const { item } of deliveries) await redactResponses(platform, item);
};
