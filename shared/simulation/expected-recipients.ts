import { matchesSubscription } from '../domain/webhooks/endpoint.ts';
import type { Notification } from '../domain/webhooks/notification.ts';
import type { EndpointFacts } from './webhook-log.ts';

/** Whether an endpoint must get a notification: created before the fact, not deleted, and subscribed to the type. */
export const isExpectedRecipient = (
  { endpoint, createdAt: endpointCreatedAt, isDeleted }: EndpointFacts,
  notification: Notification,
): boolean => {
  const { type, aboutEndpoint, createdAt } = notification;
  const subject = {
    type,
    subject: notification,
    ...(aboutEndpoint === undefined ? {} : { aboutEndpoint }),
  };
  return !isDeleted && endpointCreatedAt < createdAt && matchesSubscription(endpoint, subject);
};
