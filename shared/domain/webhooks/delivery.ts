import { digestOf } from '../digest.ts';
import type { Endpoint } from './endpoint.ts';
import type { EventType } from './event-types.ts';

/** Cause of an attempt. */
export type Trigger = 'schedule' | 'manual' | 'recover' | 'test';

/** Priorities of a backlog, smallest first: first attempts, retries, recovered deliveries. */
export const priorities = { live: 0, retry: 1, recover: 2 } as const;

/** Final states; a resend or a recovery can still request more attempts. */
type Final = 'succeeded' | 'exhausted' | 'cancelled';

/**
 * Notification on its way to an endpoint: pending -> leased -> pending ... -> succeeded | exhausted | cancelled. A pending
 * delivery is due at a time, queued in its endpoint's backlog, or blocked by an earlier delivery of its ordered scope. Times
 * in ms since 1970.
 */
export interface Delivery {
  id: string;
  project: string;
  endpoint: string;
  notification: string;
  type: EventType;
  state: 'pending' | 'leased' | Final;
  /** Attempts begun; the number of the latest one. */
  attempts: number;
  /** Attempts of the retry schedule that are spent. */
  scheduledAttempts: number;
  trigger: Trigger;
  /** Pending: time of the schedule's next attempt. */
  nextAt?: number;
  /** Leased: fencing token, end of the lease, cause of the attempt, and the state a failed extra attempt restores. */
  token?: string;
  leaseUntil?: number;
  leaseTrigger?: Trigger;
  previousState?: 'pending' | Final;
  /** Set while queued in the backlog. */
  queuedPriority?: number;
  /** Recovery that queued the delivery, and the state before. */
  recovery?: string;
  stateBeforeRecovery?: Final;
  /** A resend requested an extra attempt that has not begun. */
  manualRequested?: boolean;
  /** The notification's text was erased. Response bodies are no longer stored, since receivers may echo the text. */
  erased?: boolean;
  /** Ordered: number within the scope, whether an earlier delivery is open, and the notification of the next delivery. */
  ordering?: { scope: string; number: number };
  blocked?: boolean;
  successor?: string;
  lastStatus?: number;
  lastError?: string;
  createdAt: number;
  updatedAt: number;
  completedAt?: number;
}

/** Digest of the ordered scope; absent without one. Scopes may be long, and an endpoint's limiter names those in flight. */
export const orderedScopeOf = ({ ordering }: Pick<Delivery, 'ordering'>): { scope?: string } =>
  ordering ? { scope: digestOf(ordering.scope).slice(0, 16) } : {};

export const isFinal = ({ state }: Pick<Delivery, 'state'>): boolean =>
  state === 'succeeded' || state === 'exhausted' || state === 'cancelled';

/** States as the API shows them. */
export const deliveryStatuses = [
  'pending',
  'queued',
  'leased',
  'succeeded',
  'exhausted',
  'cancelled',
] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export const statusOf = ({ state, queuedPriority }: Delivery): DeliveryStatus =>
  queuedPriority === undefined ? state : 'queued';

const parts = /^dlv_([0-9a-f]{32})_([0-9a-f]{32})$/;

/** Contains the ids of notification and endpoint, so that a delivery is found by its id alone. */
export const deliveryId = (notification: string, endpoint: string): string =>
  `dlv_${notification.slice(4)}_${endpoint.slice(4)}`;

/** Undefined for a text that is not a delivery's id. */
export const parseDeliveryId = (
  delivery: string,
): { notification: string; endpoint: string } | undefined => {
  const [, notification, endpoint] = parts.exec(delivery) ?? [];
  if (notification === undefined || endpoint === undefined) return undefined;
  return { notification: `ntf_${notification}`, endpoint: `whe_${endpoint}` };
};

export const newDelivery = (
  { id: notification, type }: { id: string; type: EventType },
  { id: endpoint, project }: Pick<Endpoint, 'id' | 'project'>,
  now: number,
  trigger: Trigger = 'schedule',
): Delivery => ({
  id: deliveryId(notification, endpoint),
  project,
  endpoint,
  notification,
  type,
  state: 'pending',
  attempts: 0,
  scheduledAttempts: 0,
  trigger,
  createdAt: now,
  updatedAt: now,
});

/** Cause of an attempt that begins now; after an expired lease the cause of the interrupted attempt is kept. */
export const triggerOf = ({ manualRequested, state, leaseTrigger, trigger }: Delivery): Trigger => {
  if (manualRequested) return 'manual';
  return state === 'leased' ? (leaseTrigger ?? trigger) : trigger;
};

/** Whether a customer requested the next attempt: neither a pause nor the breaker applies, and it is never queued. */
export const hasManualTrigger = (delivery: Delivery): boolean => {
  const trigger = triggerOf(delivery);
  return trigger === 'manual' || trigger === 'test';
};

/** Priority in the backlog. */
export const priorityOf = ({ trigger, scheduledAttempts }: Delivery): number => {
  if (trigger === 'recover') return priorities.recover;
  return scheduledAttempts > 0 ? priorities.retry : priorities.live;
};
