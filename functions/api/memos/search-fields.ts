import * as z from 'zod';
import { Count } from '../http/paging.ts';
import { Text } from '../http/text.ts';
import { conversationField, knowledgebaseField, memosLimits } from './fields.ts';
import { viewFields } from './views.ts';

const Limit = Count.max(memosLimits.items, `must be at most ${memosLimits.items}`).nullish();

const formats = ['memory', 'sources', 'mixed'] as const;

/** Fields of a search besides its owner. */
export const searchFields = {
  ...conversationField,
  ...knowledgebaseField,
  ...viewFields,
  query: Text,
  filter: z.unknown().optional(),
  memory_limit_number: Limit,
  preference_limit_number: Limit,
  tool_memory_limit_number: Limit,
  relativity: z.number().min(0).max(1).nullish(),
  context_format: z.enum(formats).nullish(),
};
