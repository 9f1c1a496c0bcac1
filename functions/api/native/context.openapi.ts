import * as z from 'zod';
import { MemoryId } from '../http/answers.openapi.ts';

export const ContextAnswer = z
  .object({
    context: z.string().meta({ description: 'Text in Markdown; empty if nothing is related.' }),
    tokens: z.int().meta({ description: 'Estimated tokens of `context`.' }),
    budget: z.int(),
    truncated: z.boolean().meta({ description: 'Whether the budget left memories out.' }),
    memories: z
      .array(
        z.object({
          id: MemoryId,
          score: z.number(),
          type: z.enum(['rough', 'refined', 'message']),
          date: z.iso.datetime().meta({ description: 'When it was said.' }),
          source_id: MemoryId.optional().meta({
            description: 'The message that the memory was drawn from, if the query matches it.',
          }),
        }),
      )
      .meta({ description: 'Memories in `context`, best first.' }),
    degraded: z.array(z.string()).optional(),
  })
  .meta({ id: 'Context' });
