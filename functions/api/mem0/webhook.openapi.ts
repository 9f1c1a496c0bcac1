import * as z from 'zod';
import { EndpointId, Time } from '../http/answers.openapi.ts';

export const Webhook = z
  .object({
    webhook_id: EndpointId,
    name: z.string(),
    url: z.string(),
    owner: z.string(),
    event_types: z.array(z.string()),
    project: z.string().meta({ description: 'Name of the project.' }),
    is_active: z.boolean(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: 'Webhook' });

export const CreatedWebhook = Webhook.extend({
  secret: z.string().meta({ description: 'Signing secret, shown this once.' }),
}).meta({ id: 'CreatedWebhook' });

export const ProjectName = z
  .string()
  .meta({ description: 'Id or name of the project of the key.' });
