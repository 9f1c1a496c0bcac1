import * as z from 'zod';
import { listOf } from '../http/list-of.ts';
import { Flag } from './fields.ts';
import type { Limits } from './items.ts';

const maxViews = 20;
const names = ['detail_factual', 'preference', 'tool_memory', 'skill', 'profile', 'event'] as const;

/** Names of lists. Some of the lists are always empty. */
export const Views = listOf(z.enum(names), maxViews);

/** Fields that select the lists of an answer. `include_memory_view` replaces the others. */
export const viewFields = {
  include_preference: Flag.nullish(),
  include_tool_memory: Flag.nullish(),
  include_memory_view: Views.nullish(),
};

type ViewFields = z.output<z.ZodObject<typeof viewFields>>;

interface Numbers {
  memory_limit_number?: number | null | undefined;
  preference_limit_number?: number | null | undefined;
  tool_memory_limit_number?: number | null | undefined;
}

/** Whether each list is wanted. Tools have a default of their own on each route. */
export const wantedLists = (
  { include_memory_view: views, include_preference, include_tool_memory }: ViewFields,
  tools: boolean,
): { [list in keyof Limits]: boolean } => {
  if (views != null)
    return {
      memory: views.includes('detail_factual'),
      preference: views.includes('preference'),
      tool: views.includes('tool_memory'),
    };
  return {
    memory: true,
    preference: include_preference ?? true,
    tool: include_tool_memory ?? tools,
  };
};

/** Number of items for each list of a search; 0 for a list that is not wanted. */
export const limitsOf = (body: ViewFields & Numbers, defaults: Limits): Limits => {
  const wanted = wantedLists(body, false);
  return {
    memory: wanted.memory ? (body.memory_limit_number ?? defaults.memory) : 0,
    preference: wanted.preference ? (body.preference_limit_number ?? defaults.preference) : 0,
    tool: wanted.tool ? (body.tool_memory_limit_number ?? defaults.tool) : 0,
  };
};
