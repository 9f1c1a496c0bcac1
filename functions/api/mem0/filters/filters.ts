import type { EntityKind } from '../../../../shared/domain/memory/entities.ts';
import { type Filter, partitionsOf } from '../../../../shared/domain/memory/filter.ts';
import { EntityMatch } from '../../http/entity-ids.ts';
import { invalid } from '../../http/http-error.ts';
import { isRecord } from '../../http/is-record.ts';
import { limits } from '../../http/limits.ts';
import { parse } from '../../http/parse.ts';
import {
  categoriesFilter,
  idsFilter,
  kindFilter,
  metadataFilter,
  textFilter,
} from './filter-content.ts';
import { checkFilterSize } from './filter-size.ts';
import { listOf, operatorsOf, type Rule, snakeKey } from './filter-syntax.ts';
import { expirationFilter, occurrenceFilter, timeFilter } from './filter-time.ts';

const entityIs = (entity: EntityKind, value: unknown, at: string): Filter => ({
  entity,
  is: parse(EntityMatch, value, at),
});

const entityIsNot = (entity: EntityKind, value: unknown, at: string): Filter =>
  value === '*'
    ? { none: [{ entity, is: '*' }] }
    : { entity, isNot: parse(EntityMatch, value, at) };

const entityFilter =
  (entity: EntityKind): Rule =>
  (value, at) =>
    operatorsOf(value, at, {
      bare: (id) => entityIs(entity, id, at),
      eq: (id) => entityIs(entity, id, at),
      ne: (id) => entityIsNot(entity, id, at),
      in: (ids) => ({ any: listOf(ids, at).map((id) => entityIs(entity, id, at)) }),
    });

const fields: { readonly [field: string]: Rule } = {
  user_id: entityFilter('user'),
  agent_id: entityFilter('agent'),
  app_id: entityFilter('app'),
  run_id: entityFilter('run'),
  created_at: timeFilter('createdAt'),
  updated_at: timeFilter('updatedAt'),
  timestamp: timeFilter('observedAt'),
  expiration_date: expirationFilter,
  occurs_on: occurrenceFilter,
  text: textFilter,
  categories: categoriesFilter,
  kind: kindFilter,
  metadata: metadataFilter,
  keywords_search: textFilter,
  memory_ids: idsFilter,
  keywords: textFilter,
};

/** Names of all fields of a filter. */
export const filterFields: readonly string[] = Object.keys(fields);

const groupsOf = (value: unknown, at: string): Filter[] =>
  listOf(value, at).map((part, index) => groupOf(part, `${at}[${index}]`));

const operators: { readonly [operator: string]: Rule } = {
  AND: (value, at) => ({ all: groupsOf(value, at) }),
  OR: (value, at) => ({ any: groupsOf(value, at) }),
  NOT: (value, at) => ({ none: isRecord(value) ? [groupOf(value, at)] : groupsOf(value, at) }),
};

const rules: ReadonlyMap<string, Rule> = new Map(Object.entries({ ...operators, ...fields }));
const allowed = [...rules.keys()].map((key) => `'${key}'`).join(', ');

const entryOf = (key: string, value: unknown, at: string): Filter => {
  const rule = rules.get(key) ?? rules.get(snakeKey(key));
  if (rule) return rule(value, at);
  throw invalid(
    at,
    `Top-level key must be a logical operator or an allowed field: [${allowed}], not ${JSON.stringify(key.slice(0, 60))}.`,
  );
};

/** Converts an object of a filter: all of its keys must match. */
const groupOf = (value: unknown, at: string): Filter => {
  if (!isRecord(value)) throw invalid(at, `${at} must be an object.`);
  const parts = Object.entries(value).map(([key, part]) =>
    entryOf(key, part, at === '' ? key : `${at}.${key}`),
  );
  const [only, ...others] = parts;
  if (!only) throw invalid(at, `${at} must not be empty.`);
  return others.length === 0 ? only : { all: parts };
};

/**
 * Parses the `filters` of a search or list.
 * @throws HttpError 400 that names the invalid part
 */
export const filterOf = (value: unknown, at = 'filters'): Filter => {
  checkFilterSize(value, at);
  return groupOf(value, at);
};

/**
 * Combines filters with AND. Requires that they restrict the entities, so that no query reads all memories of a project.
 * @throws HttpError 400
 */
export const scoped = (parts: readonly Filter[]): Filter => {
  const filter: Filter = { all: [...parts] };
  const owners = partitionsOf(filter);
  if (owners && owners.length > limits.filterOwners)
    throw invalid(
      'filters',
      `filters must not name more than ${limits.filterOwners} users, agents, apps and runs in total.`,
    );
  if (owners) return filter;
  throw invalid(
    'filters',
    'filters must restrict the memories to an entity: at least one of user_id, agent_id, app_id, run_id.',
  );
};
