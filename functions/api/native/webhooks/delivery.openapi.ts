import * as z from 'zod';
import { deliveryStatuses } from '../../../../shared/domain/webhooks/delivery.ts';
import { recoverables } from '../../../../shared/domain/webhooks/recovery.ts';
import { DeliveryId, EndpointId, RecoveryId, Time } from '../../http/answers.openapi.ts';

const Trigger = z.enum(['schedule', 'manual', 'recover', 'test']);

const NotificationId = z
  .string()
  .meta({ description: 'Id of the notification, also the header `webhook-id`.' });

export const Delivery = z
  .object({
    id: DeliveryId,
    endpoint_id: EndpointId,
    notification_id: NotificationId,
    event_type: z.string(),
    status: z.enum(deliveryStatuses),
    attempt_count: z.int(),
    trigger: Trigger,
    next_attempt_at: Time.nullable(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
    completed_at: Time.nullable(),
  })
  .meta({ id: 'Delivery' });

const DeliveryReceipt = Delivery.pick({
  id: true,
  endpoint_id: true,
  notification_id: true,
  status: true,
}).meta({ id: 'DeliveryReceipt', description: 'The delivery for a key without `read`.' });

export const DeliveryOrReceipt = z.union([Delivery, DeliveryReceipt]);

const Headers = z.record(z.string(), z.string());
const milliseconds = z.number().nullable();

const Attempt = z
  .object({
    number: z.int(),
    trigger: Trigger,
    started_at: Time,
    url: z.string(),
    request_headers: Headers,
    ok: z.boolean(),
    error: z.string().nullable(),
    message: z.string().nullable(),
    status: z.int().nullable(),
    response_headers: Headers.nullable(),
    response_body: z.string().nullable(),
    response_truncated: z.boolean(),
    durations: z
      .object({
        dns: milliseconds,
        connect: milliseconds,
        tls: milliseconds,
        first_byte: milliseconds,
        total: milliseconds,
      })
      .meta({ description: 'Milliseconds.' }),
    remote_ip: z.string().nullable(),
  })
  .meta({ id: 'Attempt' });

export const DeliveryWithAttempts = Delivery.extend({
  attempts: z.array(Attempt).meta({ description: 'The newest 100.' }),
}).meta({ id: 'DeliveryWithAttempts' });

export const Recovery = z
  .object({
    id: RecoveryId,
    endpoint_id: EndpointId,
    status: z.enum(['running', 'succeeded', 'cancelled']),
    which: z.enum(recoverables),
    since: Time,
    until: Time,
    examined: z.int().meta({ description: 'Deliveries read so far.' }),
    recovered: z.int().meta({ description: 'Deliveries that are sent again.' }),
    created_at: Time,
    updated_at: Time,
    completed_at: Time.nullable(),
  })
  .meta({ id: 'Recovery' });

const RecoveryReceipt = Recovery.pick({ id: true, endpoint_id: true, status: true }).meta({
  id: 'RecoveryReceipt',
  description: 'The recovery for a key without `read`.',
});

export const RecoveryOrReceipt = z.union([Recovery, RecoveryReceipt]);
