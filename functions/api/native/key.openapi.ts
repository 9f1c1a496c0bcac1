import * as z from 'zod';
import { permissions } from '../../../shared/domain/project.ts';
import { Time, warnings } from '../http/answers.openapi.ts';

export const KeyId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .meta({ description: 'Id of the key.' });

export const ApiKey = z
  .object({
    id: KeyId,
    name: z.string(),
    prefix: z.string().meta({ description: 'First characters of the key.' }),
    permissions: z.array(z.enum(permissions)),
    project_id: z.string(),
    created_at: Time,
    revoked_at: Time.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const CreatedKey = ApiKey.extend({
  key: z.string().meta({ description: 'The key itself, which cannot be shown again.' }),
  warnings,
}).meta({ id: 'CreatedApiKey' });
