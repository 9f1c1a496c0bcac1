import * as z from 'zod';
import type { Validity } from '../../../shared/core/retrieval/hydrate.ts';
import { entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import { entityMatchFields } from '../http/entity-ids.ts';
import { invalid } from '../http/http-error.ts';
import { InstantText, parseInterval } from '../http/instant.ts';
import { isRecord } from '../http/is-record.ts';
import { limits } from '../http/limits.ts';
import { listOf } from '../http/list-of.ts';
import { Metadata } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { snakeKey } from './filters/filter-syntax.ts';
import { filterOf, scoped } from './filters/filters.ts';

/** List of names, or names separated by commas. At most `max + 1` names of a long text are split off. */
export const namesOf = (max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',', max + 1) : value),
    listOf(z.string('must be a string').max(limits.filterOperandLength), max, {
      notList: 'must be a list of strings',
    }),
  );

/** A date or a time, or an empty text for none. Checked here, so that a refusal names the parameter and not the filter made of it. */
const DateText = z.string().refine((text) => text === '' || parseInterval(text) !== undefined, {
  error: 'must be an ISO 8601 date, an ISO 8601 date and time, or Unix seconds',
});

export const Flag = z.union([z.boolean(), z.stringbool()], { error: 'must be true or false' });

/** Fields besides `filters` that narrow or format a search or list. */
export const selectionFields = {
  categories: namesOf(limits.filterListLength).nullish(),
  metadata: Metadata.nullish(),
  keywords: z.string().nullish(),
  start_date: DateText.nullish(),
  end_date: DateText.nullish(),
  show_expired: Flag.nullish(),
  at_time: InstantText.nullish(),
  include_expired: Flag.nullish(),
  latest_only: Flag.nullish(),
  include_rough: Flag.nullish(),
  include_merged: Flag.nullish(),
  fields: namesOf(limits.fields).nullish(),
};
const Selection = z.object(selectionFields);
type Selection = z.output<typeof Selection>;

const scopeFields = z.object(entityMatchFields);
type Scope = z.output<typeof scopeFields>;

const isEmpty = (value: unknown): boolean =>
  value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

const unlessEmpty = <T>(value: T): T | null => (isEmpty(value) ? null : value);

/** Validity that a request asks for; undefined if it leaves that to the default of the read. */
const validityOf = ({ at_time, include_expired, latest_only }: Selection): Validity | undefined => {
  if (at_time != null) return { at: at_time };
  if (include_expired) return 'ever';
  if (latest_only == null) return undefined;
  return latest_only ? 'now' : 'ever';
};

/** Returns which memories a request asks for: by validity and expiration, and whether with rough ones. */
export const visibilityIn = (selection: Selection) => ({
  showExpired: selection.show_expired ?? selection.include_expired ?? false,
  includeRough: selection.include_rough ?? true,
  ...omitNullish({ validity: validityOf(selection) }),
});

/** Options without effect: no memory is merged into another one, so none is hidden for that; and rules order no results. */
const optionsWithoutEffect = ['include_merged', 'rerank'] as const;

/** Returns the given options that have no effect, for `ignored` of an answer. Absent where there are none. */
export const ignoredIn = (
  options: {
    [name in (typeof optionsWithoutEffect)[number]]?: boolean | null | undefined;
  },
) => {
  const ignored = optionsWithoutEffect.filter((name) => options[name]);
  return ignored.length > 0 ? { ignored } : {};
};

/** Converts the fields besides `filters` to filters. */
const narrowing = (selection: Selection): Filter[] => {
  const { start_date: first, end_date: last } = selection;
  const narrowed = omitNullish({
    categories: unlessEmpty(selection.categories),
    metadata: unlessEmpty(selection.metadata),
    keywords: unlessEmpty(selection.keywords),
    created_at: unlessEmpty(omitNullish({ gte: unlessEmpty(first), lte: unlessEmpty(last) })),
  });
  return isEmpty(narrowed) ? [] : [filterOf(narrowed, '')];
};

/** Builds the filter of the current routes: scoped by `filters` alone, which are required. */
export const scopedByFilters = (filters: unknown, selection: Selection): Filter => {
  if (filters === undefined || filters === null || isEmpty(filters))
    throw invalid(
      'filters',
      'Filters are required and cannot be empty: name at least one of user_id, agent_id, app_id, run_id in them.',
    );
  return scoped([filterOf(filters), ...narrowing(selection)]);
};

/** Builds the filter of the older routes: scoped by ids of the request, by `filters`, or by both. */
export const scopedByIds = (ids: Scope, filters: unknown, selection: Selection): Filter => {
  const named = omitNullish({
    user_id: ids.user_id,
    agent_id: ids.agent_id,
    app_id: ids.app_id,
    run_id: ids.run_id,
  });
  const parts = [named, filters ?? {}].filter((part) => !isEmpty(part));
  if (parts.length === 0)
    throw invalid('user_id', 'One of the filters: app_id, user_id, agent_id, run_id is required!');
  return scoped([...parts.map((part) => filterOf(part)), ...narrowing(selection)]);
};

/** Rejects ids besides `filters`, which look like a scope but would be ignored. */
export const rejectTopLevelIds = (body: unknown): void => {
  const known = entityKinds.flatMap((kind) => [`${kind}_id`, `${kind}Id`]);
  const found = isRecord(body) ? known.filter((key) => body[key] != null) : [];
  const [first] = found;
  if (first === undefined) return;
  throw invalid(
    first,
    `Top-level entity parameters [${found.join(', ')}] are not supported here. Use filters: {"${snakeKey(first)}": "..."} instead.`,
  );
};

/** Returns a function that reduces a body to the requested fields and the id. */
export const selectFields = (fields: Selection['fields']) => {
  if (!fields?.length) return <T extends object>(body: T): object => body;
  const wanted = new Set(['id', ...fields.map((field) => snakeKey(field.trim()))]);
  return (body: object): object =>
    Object.fromEntries(Object.entries(body).filter(([key]) => wanted.has(key)));
};
