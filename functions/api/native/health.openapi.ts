import * as z from 'zod';
import { Time } from '../http/answers.openapi.ts';

const Status = z.enum(['ok', 'degraded']);

const PartHealth = z
  .object({ status: Status, code: z.string().optional(), since: Time.optional() })
  .meta({ id: 'PartHealth' });

export const Live = z
  .looseObject({ status: z.literal('ok'), version: z.string() })
  .meta({ id: 'Live' });

export const Health = z
  .looseObject({
    status: Status,
    version: z.string(),
    model: z.string(),
    quality: z.string(),
    embedder: z.string(),
    health: z.object({ model: PartHealth, embedder: PartHealth, index: PartHealth }),
  })
  .meta({ id: 'Health' });
