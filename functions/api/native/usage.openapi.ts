import * as z from 'zod';
import { Time } from '../http/answers.openapi.ts';
import { KeyId } from './key.openapi.ts';

const counts = {
  requests: z.int(),
  units: z.int().meta({ description: 'Cost units that the rate limits charged.' }),
  adds: z.int(),
  searches: z.int(),
  errors: z.int(),
  redacted: z.int().meta({
    description: 'Sensitive values that were masked or dropped in the texts of requests.',
  }),
  limited: z
    .int()
    .meta({ description: 'Requests that a rate limit, or a budget of the model, refused.' }),
};

const work = {
  refinements: z.int().meta({ description: 'Turns that were refined.' }),
  tokens: z.object({ prompt: z.int(), completion: z.int() }).meta({
    description: 'Tokens of the language model for them.',
  }),
  model_cost: z.number().nullable().meta({
    description:
      'Dollars for these tokens, by `TURNSTONE_MODEL_PRICES`; null without that setting.',
  }),
  deliveries: z.int().meta({ description: 'Webhook attempts that an endpoint accepted.' }),
  failed_deliveries: z.int().meta({ description: 'Webhook attempts that it did not accept.' }),
};

export const Usage = z
  .object({
    total: z.object({ ...counts, ...work }),
    results: z.array(
      z.object({
        hour: Time,
        ...counts,
        ...work,
        keys: z.array(z.object({ id: KeyId, ...counts })),
      }),
    ),
    budget: z
      .object({
        tokens: z
          .int()
          .meta({ description: 'Tokens of the language model that the project used today (UTC).' }),
        limit: z.int(),
        resets_at: Time,
      })
      .nullable()
      .meta({ description: 'Daily budget of the project; null if none is set.' }),
    next: z.string().nullable().meta({ description: 'Link to the rest of the period.' }),
  })
  .meta({ id: 'Usage' });
