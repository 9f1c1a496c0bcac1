import * as z from 'zod';
import { limits } from '../http/limits.ts';
import { someOf } from '../http/list-of.ts';

/** An earlier spelling of theirs: `memory:add`. */
const EventType = z
  .string()
  .max(100)
  .transform((type) => type.replace(/^memory:/, 'memory_'));

const fields = {
  name: z.string().min(1).max(200),
  url: z.string().min(1),
  event_types: someOf(EventType, limits.endpointEventTypes),
};

export const CreateWebhook = z.object(fields);

/** Only what is given changes. No client sends `is_active`, though every answer has it. */
export const UpdateWebhook = z.object({ ...fields, is_active: z.boolean() }).partial();
