import type { Context } from 'hono';
import { type Attempt, withoutResponse } from '../../../../shared/domain/webhooks/attempt.ts';
import { type Delivery, statusOf } from '../../../../shared/domain/webhooks/delivery.ts';
import { maskedUrl } from '../../../../shared/domain/webhooks/masked-url.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { isoTime, isoTimeOrNull } from '../../http/instant.ts';
import { mayRead, maySeeSecrets, receiptOf } from '../../http/may-read.ts';

/** `notification_id` is also the header `webhook-id` of the request. */
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

/** Builds a delivery for a response; without the read permission only its ids and status. */
export const deliveryBody = (c: Context<ApiEnv>, delivery: Delivery) => {
  const fields = fieldsOf(delivery);
  return mayRead(c)
    ? fields
    : receiptOf(fields, ['id', 'endpoint_id', 'notification_id', 'status']);
};

/** Fields that depend on a response of the receiver are null without one. Durations in milliseconds. */
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

/**
 * Builds an attempt for a response. Keys without the write permission do not see the receiver's response and the whole URL:
 * both may contain credentials, and receivers may echo the request.
 */
export const attemptBody = (c: Context<ApiEnv>, attempt: Attempt) =>
  attemptFields(
    maySeeSecrets(c) ? attempt : { ...withoutResponse(attempt), url: maskedUrl(attempt.url) },
  );
