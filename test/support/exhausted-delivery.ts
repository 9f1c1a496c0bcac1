import { put } from '../../shared/core/steps.ts';
import type { Entities } from '../../shared/domain/memory/entities.ts';
import { deliveryKey, notificationKey } from '../../shared/domain/table/keys.ts';
import { deliveryListing, notificationListing } from '../../shared/domain/table/time-listings.ts';
import { newDelivery } from '../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../shared/domain/webhooks/endpoint.ts';
import { notificationsOf } from '../../shared/domain/webhooks/notification.ts';
import type { Step } from '../../shared/ports/store.ts';

/** Writes the notification and the exhausted delivery of a fact. */
export const exhaustedDelivery = (
  endpoint: Endpoint,
  entities: Entities,
  n: number,
  createdAt: number,
): Step[] => {
  const { project } = endpoint;
  const fact = { memory: `memory-${n}`, text: 'Tea.', metadata: {}, categories: [] };
  const facts = [{ type: 'memory_add' as const, ...fact }];
  const id = `made-${n}`;
  return notificationsOf({ id, project, entities, facts, order: id, createdAt }).flatMap(
    (notification) => {
      const delivery = newDelivery(notification, endpoint, createdAt);
      const spent = {
        state: 'exhausted',
        attempts: 1,
        scheduledAttempts: 1,
        completedAt: createdAt,
      } as const;
      return [
        put(notificationKey(project, notification.id), {
          ...notification,
          ...notificationListing(notification, createdAt),
        }),
        put(deliveryKey(project, notification.id, endpoint.id), {
          ...delivery,
          ...spent,
          ...deliveryListing(delivery),
        }),
      ];
    },
  );
};
