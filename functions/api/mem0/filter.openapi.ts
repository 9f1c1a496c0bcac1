import * as z from 'zod';
import { limits } from '../http/limits.ts';

const Value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const Operators = z.looseObject({}).meta({
  description: 'Such as `{"in": [...]}`, `{"gte": ..., "lt": ...}`, `{"icontains": ...}`.',
});

const Condition = z
  .union([Value, z.array(z.unknown()).max(limits.filterListLength), Operators])
  .meta({ id: 'FilterCondition' });

const condition = (description: string) => Condition.optional().meta({ description });

/** Filter of memories. At least one entity id in a filter must not be negated. */
export const Filter = z
  .looseObject({
    get AND() {
      return z.array(Filter).max(limits.filterListLength).optional();
    },
    get OR() {
      return z.array(Filter).max(limits.filterListLength).optional();
    },
    get NOT() {
      return z.union([Filter, z.array(Filter).max(limits.filterListLength)]).optional();
    },
    user_id: condition('Id of the user; `*` is any.'),
    agent_id: condition('Id of the agent; `*` is any.'),
    app_id: condition('Id of the app; `*` is any.'),
    run_id: condition('Id of the run; `*` is any.'),
    created_at: condition('`gt`, `gte`, `lt`, `lte`, `ne`, `in`, or a day.'),
    updated_at: condition('As `created_at`.'),
    timestamp: condition('When it was said; as `created_at`.'),
    expiration_date: condition('A day; `*` is any.'),
    occurs_on: condition(
      'Date of what the memory says; as `expiration_date`. A month or a year counts as its first day.',
    ),
    text: condition('Part of the text.'),
    keywords: condition('Part of the text: `contains` or `icontains`.'),
    keywords_search: condition('As `keywords`.'),
    categories: condition('A name, `in` or `contains`; `*` is any.'),
    kind: condition('`fact`, `preference` or `tool`; `in` is one of several.'),
    metadata: condition('By key: a value, or `eq`, `ne`, `contains`, `in`.'),
    memory_ids: condition('Ids of memories.'),
  })
  .meta({ id: 'Filter', description: 'All keys must match. Names an entity that is not negated.' });
