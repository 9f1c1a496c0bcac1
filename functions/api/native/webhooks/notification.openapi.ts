import * as z from 'zod';
import { Time } from '../../http/answers.openapi.ts';

export const Notification = z
  .object({
    id: z.string().regex(/^ntf_[0-9a-f]{32}$/),
    type: z.string(),
    payload: z.looseObject({}).meta({ description: 'The body of the webhook.' }),
    created_at: Time,
  })
  .meta({ id: 'Notification' });
