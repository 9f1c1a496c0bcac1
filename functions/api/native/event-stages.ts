import type { EventView } from '../../../shared/core/events.ts';
import {
  type IndexedState,
  readIndexedState,
} from '../../../shared/core/indexing/indexed-state.ts';
import {
  type EventDeliveries,
  readEventDeliveries,
} from '../../../shared/core/webhooks/event-deliveries.ts';
import { isFinal } from '../../../shared/domain/memory/event.ts';
import { type Delivery, statusOf } from '../../../shared/domain/webhooks/delivery.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { isoTime, isoTimeOrNull } from '../http/instant.ts';

type State = 'waiting' | 'running' | 'done' | 'failed' | 'skipped';

const queuedState = ({ status, stage }: EventView): State => {
  if (status === 'CANCELLED') return 'skipped';
  return stage === 'queued' && !isFinal(status) ? 'waiting' : 'done';
};

/** Of an add that needs a language model, or the embedded rules. */
const modelState = ({ kind, verbatim, status, stage, timings }: EventView): State => {
  if (kind !== 'ADD' || verbatim || status === 'CANCELLED') return 'skipped';
  if (status === 'SUCCEEDED' || stage === 'planned' || timings.model !== undefined) return 'done';
  if (status === 'FAILED') return 'failed';
  return stage === 'queued' ? 'waiting' : 'running';
};

const appliedState = ({ status, stage }: EventView): State => {
  if (status === 'SUCCEEDED') return 'done';
  if (isFinal(status)) return 'skipped';
  return stage === 'planned' ? 'running' : 'waiting';
};

const indexedBody = (indexed: IndexedState | undefined) => ({
  state: (indexed ? (indexed.isDone ? 'done' : 'waiting') : 'skipped') satisfies State,
  at: isoTimeOrNull(indexed?.at),
  memories: indexed?.memories ?? 0,
  waiting: indexed?.waiting ?? 0,
});

const countOf = (deliveries: readonly Delivery[], ...states: readonly Delivery['state'][]) =>
  deliveries.filter(({ state }) => states.includes(state)).length;

const notifiedBody = (webhooks: EventDeliveries | undefined) => {
  const { state = 'none', at, deliveries = [], isPartial = false } = webhooks ?? {};
  return {
    state: (state === 'none' ? 'skipped' : state) satisfies State,
    at: isoTimeOrNull(at),
    succeeded: countOf(deliveries, 'succeeded'),
    waiting: countOf(deliveries, 'pending', 'leased'),
    failed: countOf(deliveries, 'exhausted'),
    cancelled: countOf(deliveries, 'cancelled'),
    deliveries: deliveries.map((delivery) => ({
      id: delivery.id,
      endpoint_id: delivery.endpoint,
      event_type: delivery.type,
      status: statusOf(delivery),
    })),
    ...(isPartial ? { truncated: true } : {}),
  };
};

/** Reads what follows the end of an event, and builds all its stages for a response. */
export const readStages = async (platform: Platform, event: EventView) => {
  const [indexed, webhooks] = await Promise.all([
    readIndexedState(platform, event),
    readEventDeliveries(platform, event),
  ]);
  const { createdAt, startedAt, timings } = event;
  const applied = appliedState(event);
  return {
    accepted: { state: 'done' satisfies State, at: isoTime(createdAt) },
    queued: {
      state: queuedState(event),
      at: isoTimeOrNull(startedAt),
      ms: startedAt === undefined ? null : startedAt - createdAt,
    },
    model: { state: modelState(event), ms: timings.model ?? null },
    applied: {
      state: applied,
      at: isoTimeOrNull(applied === 'done' ? event.completedAt : undefined),
    },
    indexed: indexedBody(indexed),
    notified: notifiedBody(webhooks),
  };
};
