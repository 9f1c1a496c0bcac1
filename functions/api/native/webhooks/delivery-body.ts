import type { Context } from 'hono';
import { type Attempt, withoutResponse } from '../../../../shared/domain/webhooks/attempt.ts';
import { type Delivery, statusOf } from '../../../../shared/domain/webhooks/delivery.ts';
import { maskedUrl } from '../../../../shared/domain/webhooks/masked-url.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { isoTime, isoTimeOrNull } from '../../http/instant.ts';
import { mayRead, maySeeSecrets, receiptOf } from '../../http/may-read.ts';

/** `notification_id` is the `webhook-id` it is posted under. */
const fieldsOf = (delivery: Delivery) => ({
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

/** A delivery; without the permission to read, which one it is and how it stands. */
export const deliveryBody = (c: Context<ApiEnv>, delivery: Delivery) => {
  const fields = fieldsOf(delivery);
  return mayRead(c)
    ? fields
    : receiptOf(fields, ['id', 'endpoint_id', 'notification_id', 'status']);
};

/** What of an attempt there is always, and what only an answer brings. Durations in milliseconds. */
const attemptFields = ({ timings, ...attempt }: Attempt) => ({
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
  response_body: attempt.responseBody ?? null,
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

/** Receivers answer with what is theirs, sometimes with what they were sent: a key that only reads does not see it. */
export const attemptBody = (c: Context<ApiEnv>, attempt: Attempt) =>
  attemptFields(
    maySeeSecrets(c) ? attempt : { ...withoutResponse(attempt), url: maskedUrl(attempt.url) },
  );
