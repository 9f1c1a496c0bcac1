import type { Item } from '../../domain/table/items.ts';
import { attemptKey, deliveryKey, notificationKey } from '../../domain/table/keys.ts';
import type { Delivery } from '../../domain/webhooks/delivery.ts';
import { withoutTexts } from '../../domain/webhooks/payload.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { erasuresAre, itemExists } from '../conditions.ts';
import { everyPage } from '../pagination.ts';
import { update } from '../steps.ts';

const eraseBody = async (
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

/** A receiver may have answered with what it was sent, or answer so yet: what is recorded from now on is without. */
const eraseExcerpts = async (
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

/** A notification of a memory that was deleted: whoever is told of it from now on is told no text. */
export const eraseNotification = async (
  platform: CorePlatform,
  notification: Item<'NOTIFICATION'>,
): Promise<void> => {
  const { project, id } = notification;
  await eraseBody(platform, notification);
  const { pk } = deliveryKey(project, id, '');
  const deliveries = await everyPage((from) =>
    platform.store.query({ kind: 'DELIVERY', pk, prefix: 'DELIVERY#', ...from }),
  );
  for (const { item } of deliveries) await eraseExcerpts(platform, item);
};
