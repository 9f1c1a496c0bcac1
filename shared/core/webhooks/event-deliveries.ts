import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Change } from '../../domain/memory/change.ts';
import { type Event, isFinal as isEnded } from '../../domain/memory/event.ts';
import { deliveryKey, endpointKey, outboxKey } from '../../domain/table/keys.ts';
import { type Delivery, isFinal } from '../../domain/webhooks/delivery.ts';
import {
  categoriesNotificationId,
  eventNotificationId,
  memoryNotificationId,
  orderingKeyOf,
} from '../../domain/webhooks/notification.ts';
import {
  acceptedOutboxId,
  endOutboxId,
  failureOutboxId,
  taskOutboxId,
  writeOutboxId,
} from '../../domain/webhooks/outbox.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { firstItems, itemsUpTo } from '../pagination.ts';

/** Memories of an event whose notifications are read, and deliveries of one notification. */
const maxMemories = 10;
const maxDeliveries = 50;

/** Webhooks of an event. */
export interface EventDeliveries {
  /** `waiting`: the event, the fan-out or a delivery has not ended; `none`: no endpoint wanted a notification, or all were cancelled. */
  state: 'waiting' | 'done' | 'failed' | 'none';
  /** When the last delivery ended, ms since 1970; absent before. */
  at?: number;
  /** Deliveries about the event, then those about its memories. */
  deliveries: Delivery[];
  /** More deliveries may exist than were read. */
  isPartial: boolean;
}

/** An outbox of the event, and the ids of the notifications that fan-out makes of it. */
interface Expansion {
  outbox: string;
  notifications: string[];
}

type Ended = Event & { changes: readonly Change[] };

/** Notifications about memories, and about their categories. */
const aboutMemories = (project: string, outbox: string, memories: readonly string[]): string[] =>
  memories.flatMap((memory) => [
    memoryNotificationId(project, outbox, memory),
    categoriesNotificationId(project, outbox, memory),
  ]);

const endOf = ({ status, turn, failure }: Ended, changed: readonly string[]) => {
  if (turn === undefined) return undefined;
  if (status === 'SUCCEEDED')
    return { outbox: endOutboxId(turn), type: 'event.succeeded' as const, changed };
  return status === 'FAILED' && failure !== undefined
    ? { outbox: failureOutboxId(turn, failure), type: 'event.failed' as const, changed: [] }
    : undefined;
};

const ofAdd = (event: Ended, changed: readonly string[]): Expansion[] => {
  const { project, id, turn } = event;
  if (turn === undefined) return [];
  const end = endOf(event, changed);
  const accepted = acceptedOutboxId(endOutboxId(turn)) ?? '';
  return [
    ...(end
      ? [
          {
            outbox: end.outbox,
            notifications: [
              eventNotificationId(project, end.outbox, end.type, id),
              ...aboutMemories(project, end.outbox, end.changed),
            ],
          },
        ]
      : []),
    {
      outbox: accepted,
      notifications: [eventNotificationId(project, accepted, 'event.pending', id)],
    },
  ];
};

const ofTask = ({ project, id, status }: Ended): Expansion[] => {
  const outbox = taskOutboxId(id);
  const type = status === 'FAILED' ? 'task.failed' : 'task.succeeded';
  return [{ outbox, notifications: [eventNotificationId(project, outbox, type, id)] }];
};

const ofEdit = ({ project, written = [] }: Ended): Expansion[] =>
  written.slice(0, maxMemories).flatMap(({ memory, version }) => {
    if (version === undefined) return [];
    const outbox = writeOutboxId(memory, version);
    return [{ outbox, notifications: aboutMemories(project, outbox, [memory]) }];
  });

const expansionsOf = (event: Ended, changed: readonly string[]): Expansion[] | undefined => {
  if (event.kind === 'ADD') return ofAdd(event, changed.slice(0, maxMemories));
  if (event.kind === 'UPDATE') return ofEdit(event);
  return event.kind === 'PROCESS' && !event.follows ? ofTask(event) : undefined;
};

const stateOf = (
  event: Event,
  isExpanding: boolean,
  deliveries: readonly Delivery[],
): EventDeliveries['state'] => {
  if (!isEnded(event.status) || isExpanding || !deliveries.every(isFinal)) return 'waiting';
  if (deliveries.some(({ state }) => state === 'exhausted')) return 'failed';
  return deliveries.some(({ state }) => state === 'succeeded') ? 'done' : 'none';
};

/**
 * Reads the deliveries of an add, an edit or a request to process; undefined for other events. Ids of notifications follow from
 * those of the event, so nothing is written for it, and at most 23 partitions are read. Deliveries of deleted endpoints are left out
 * where the project has no endpoint any more.
 */
export const readEventDeliveries = async (
  { store }: Pick<CorePlatform, 'store'>,
  event: Ended,
): Promise<EventDeliveries | undefined> => {
  const changed = [
    ...new Set(
      event.changes.flatMap(({ type, memory }) => (type === 'NONE' ? [] : (memory ?? []))),
    ),
  ];
  const expansions = expansionsOf(event, changed);
  if (!expansions) return undefined;
  const { project } = event;
  const { pk } = endpointKey(project, '');
  const endpoints = await firstItems((from) =>
    store.query({ kind: 'ENDPOINT', pk, prefix: 'ENDPOINT#', limit: 1, ...from }),
  );
  if (endpoints.length === 0)
    return { state: stateOf(event, false, []), deliveries: [], isPartial: false };
  // Outboxes are read first, so deliveries of a fan-out that goes on meanwhile are found, or shown as waiting.
  const scope = orderingKeyOf(event);
  const outboxes = await store.getMany(
    expansions.map(({ outbox }) => outboxKey(project, scope, outbox)),
  );
  const found = await mapConcurrent(
    expansions.flatMap(({ notifications }) => notifications),
    (notification) =>
      itemsUpTo(maxDeliveries, (range) => {
        const { pk } = deliveryKey(project, notification, '');
        return store.query({ kind: 'DELIVERY', pk, prefix: 'DELIVERY#', ...range });
      }),
  );
  const deliveries = found.flat().map(({ item }) => item);
  const state = stateOf(event, outboxes.some(Boolean), deliveries);
  const ends = deliveries.flatMap(({ completedAt }) => completedAt ?? []);
  const hasEnded = (state === 'done' || state === 'failed') && ends.length > 0;
  return {
    state,
    ...(hasEnded ? { at: Math.max(...ends) } : {}),
    deliveries,
    isPartial:
      changed.length > maxMemories || found.some((items) => items.length === maxDeliveries),
  };
};
