import { matchesSubscription } from '../../../shared/domain/webhooks/endpoint.ts';
import type { Notification } from '../../../shared/domain/webhooks/notification.ts';
import type { EndpointFacts } from './webhook-log.ts';

/** Whether an endpoint that was there before a fact, and has not left, wants to be told of it. */
export const isOwed = (
  { endpoint, madeAt, isGone }: EndpointFacts,
  told: Notification,
): boolean => {
  const { type, aboutEndpoint, createdAt } = told;
  const subject = {
    type,
    subject: told,
    ...(aboutEndpoint === undefined ? {} : { aboutEndpoint }),
  };
  return !isGone && madeAt < createdAt && matchesSubscription(endpoint, subject);
};
