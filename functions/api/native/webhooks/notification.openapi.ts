import * as z from 'zod';
import {
  CategoriesPayload,
  DisabledPayload,
  EventPayload,
  MemoryPayload,
  TaskPayload,
  TestPayload,
} from '../../../../shared/domain/webhooks/payload-schema.ts';
import { Time } from '../../http/answers.openapi.ts';

/** Bodies of notifications: the schemas of what is sent. */
export const EventNotification = EventPayload.meta({ id: 'EventNotification' });
export const MemoryNotification = MemoryPayload.meta({ id: 'MemoryNotification' });
export const TaskNotification = TaskPayload.meta({ id: 'TaskNotification' });
export const CategoriesNotification = CategoriesPayload.meta({ id: 'CategoriesNotification' });
export const DisabledNotification = DisabledPayload.meta({ id: 'EndpointDisabledNotification' });
export const TestNotification = TestPayload.meta({ id: 'TestNotification' });

export const Notification = z
  .object({
    id: z
      .string()
      .regex(/^ntf_[0-9a-f]{32}$/)
      .meta({ description: 'Also the header `webhook-id`.' }),
    type: z.string(),
    payload: z
      .union([
        EventNotification,
        TaskNotification,
        MemoryNotification,
        CategoriesNotification,
        DisabledNotification,
        TestNotification,
      ])
      .meta({ description: 'The body of the webhook.' }),
    created_at: Time,
  })
  .meta({ id: 'Notification' });
