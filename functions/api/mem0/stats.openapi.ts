import * as z from 'zod';
import { Time } from '../http/answers.openapi.ts';

const total = z.int();

export const Stats = z
  .object({
    total_memories: total.meta({ description: 'Memories of all entities, as in a list.' }),
    total_users: total,
    total_agents: total,
    total_apps: total,
    total_runs: total,
    total_add_events: total.meta({ description: 'Adds from `usage_since` on.' }),
    total_search_events: total.meta({ description: 'Searches from `usage_since` on.' }),
    usage_since: Time,
    usage_until: Time,
    feedback: z
      .object({ POSITIVE: total, NEGATIVE: total, VERY_NEGATIVE: total })
      .meta({ description: 'Memories by the feedback on them.' }),
  })
  .meta({ id: 'Stats' });
