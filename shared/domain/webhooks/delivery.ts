import type { Endpoint } from './endpoint.ts';
import type { EventType } from './event-types.ts';

/** What makes an attempt happen. */
export type Trigger = 'schedule' | 'manual' | 'recover' | 'test';

/** In the order they are let through: first attempts, then repeated ones, then what is told again. */
export const priorities = { live: 0, retry: 1, replay: 2 } as const;

/** Its life is over, unless someone asks for more. */
type Final = 'succeeded' | 'exhausted' | 'cancelled';

/**
 * One notification to one endpoint. pending -> leased -> pending ... -> succeeded | exhausted | cancelled.
 * A pending one is either due by itself, parked behind its endpoint's gate, or waits for the one before it in its lane.
 * Times in ms since 1970.
 */
export interface Delivery {
  id: string;
  project: string;
  endpoint: string;
  notification: string;
  type: EventType;
  state: 'pending' | 'leased' | Final;
  /** Attempts begun: the number of the newest one. */
  attempts: number;
  /** How much of the schedule is spent. */
  scheduledAttempts: number;
  trigger: Trigger;
  /** Pending: when the schedule has its next attempt. */
  nextAt?: number;
  /** Leased: by whom, until when, what for, and what it goes back to when an extra attempt fails. */
  token?: string;
  leaseUntil?: number;
  leaseTrigger?: Trigger;
  previousState?: 'pending' | Final;
  /** Parked, and in which order. */
  queuedPriority?: number;
  /** The recovery that put it in line, and what it was before. */
  recovery?: string;
  stateBeforeRecovery?: Final;
  /** An extra attempt was asked for by hand. */
  manualRequested?: boolean;
  /** What it tells was erased: what a receiver answers, who may repeat it, is not kept. */
  erased?: boolean;
  /** In a lane: its number, whether an earlier one is still open, and which notification's waits for this. */
  ordering?: { scope: string; number: number };
  waits?: boolean;
  successor?: string;
  lastStatus?: number;
  lastError?: string;
  createdAt: number;
  updatedAt: number;
  completedAt?: number;
}

export const isFinal = ({ state }: Pick<Delivery, 'state'>): boolean =>
  state === 'succeeded' || state === 'exhausted' || state === 'cancelled';

/** As its customer sees it. */
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

/** Tells both of its parents, so that a delivery is found by its id alone. */
export const deliveryId = (notification: string, endpoint: string): string =>
  `dlv_${notification.slice(4)}_${endpoint.slice(4)}`;

/** Undefined for a text that can be no delivery's id. */
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

/** What an attempt would be triggered by if it began now; one that was cut off is made up for. */
export const triggerOf = ({ manualRequested, state, leaseTrigger, trigger }: Delivery): Trigger => {
  if (manualRequested) return 'manual';
  return state === 'leased' ? (leaseTrigger ?? trigger) : trigger;
};

/** What a customer asked for just now is never put in line: neither a pause nor a breaker holds it back. */
export const isByHand = (delivery: Delivery): boolean => {
  const trigger = triggerOf(delivery);
  return trigger === 'manual' || trigger === 'test';
};

/** Where it stands in line when it is held back. */
export const priorityOf = ({ trigger, scheduledAttempts }: Delivery): number => {
  if (trigger === 'recover') return priorities.replay;
  return scheduledAttempts > 0 ? priorities.retry : priorities.live;
};
