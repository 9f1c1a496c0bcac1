import * as z from 'zod';
import { Time } from '../../http/answers.openapi.ts';

const InspectedRequest = z
  .object({
    received_at: Time,
    url: z.string(),
    notification_id: z.string().meta({ description: 'The header `webhook-id`.' }),
    event_type: z
      .string()
      .nullable()
      .meta({ description: 'Null once the notification is no longer kept, like the payload.' }),
    headers: z
      .record(z.string(), z.string())
      .meta({ description: 'As they were sent, without the values of headers of your own.' }),
    status: z.int().meta({ description: 'The status that the inspector answered with.' }),
    payload: z
      .looseObject({ type: z.string() })
      .nullable()
      .meta({ description: 'The body, without what was erased since.' }),
  })
  .meta({ id: 'InspectedRequest' });

export const Inspector = z
  .object({
    url: z.string().meta({ description: 'URL to register an endpoint with.' }),
    requests: z.array(InspectedRequest),
  })
  .meta({ id: 'Inspector' });

export const ClearedInspector = z.object({ cleared: z.literal(true) });
