import type { Attempt } from '../../../../shared/domain/attempt.ts';
import { type Delivery, statusOf } from '../../../../shared/domain/delivery.ts';
import { isoTime, isoTimeOrNull } from '../../edge/instant.ts';

/** A delivery as every route shows it. `notification_id` is the `webhook-id` it is posted under. */
export const deliveryBody = (delivery: Delivery) => ({
  id: delivery.id,
  endpoint_id: delivery.endpoint,
  notification_id: delivery.notification,
  event_type: delivery.type,
  status: statusOf(delivery),
  attempt_count: delivery.attempts,
  trigger: delivery.trigger,
  next_attempt_at: isoTimeOrNull(delivery.nextAt),
  last_status: delivery.lastStatus ?? null,
  last_error: delivery.lastError ?? null,
  created_at: isoTime(delivery.createdAt),
  updated_at: isoTime(delivery.updatedAt),
  completed_at: isoTimeOrNull(delivery.completedAt),
});

/** What of an attempt there is always, and what only an answer brings. Durations in milliseconds. */
export const attemptBody = ({ timings, ...attempt }: Attempt) => ({
  number: attempt.number,
  trigger: attempt.trigger,
  started_at: isoTime(attempt.startedAt),
  url: attempt.url,
  request_headers: attempt.requestHeaders,
  ok: attempt.ok,
  error: attempt.error ?? null,
  message: attempt.message ?? null,
  status: attempt.status ?? null,
  response_headers: attempt.responseHeaders ?? null,
  response_body: attempt.excerpt ?? null,
  response_truncated: attempt.truncated ?? false,
  durations: {
    dns: timings.dns ?? null,
    connect: timings.connect ?? null,
    tls: timings.tls ?? null,
    first_byte: timings.firstByte ?? null,
    total: timings.total ?? null,
  },
  remote_ip: attempt.remoteAddress ?? null,
});
