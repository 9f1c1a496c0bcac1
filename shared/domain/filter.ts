import { anyId, type EntityKind, type Named, names } from './entities.ts';
import type { Json, Metadata } from './turn.ts';

type Comparison = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'ne';

/** What a search or list keeps. `is: '*'` means "names any"; `isNot` also keeps what names none. */
export type Filter =
  | { all: Filter[] }
  | { any: Filter[] }
  | { none: Filter[] }
  | { entity: EntityKind; is: string }
  | { entity: EntityKind; isNot: string }
  | { time: 'createdAt' | 'updatedAt' | 'observedAt'; op: Comparison; value: number }
  | { expiresOn: string; op: Comparison }
  | { category: string; match: 'is' | 'contains' }
  | { metadata: string; op: 'eq' | 'ne' | 'contains'; value: Json }
  | { text: string; ignoreCase: boolean }
  | { ids: string[] };

/** The part of a memory that filters look at. */
export interface FilterTarget extends Named {
  id: string;
  text: string;
  metadata: Metadata;
  categories: string[];
  createdAt: number;
  updatedAt: number;
  observedAt: number;
  expiresOn?: string;
}

const compare = (op: Comparison, left: number | string, right: number | string): boolean => {
  switch (op) {
    case 'gt':
      return left > right;
    case 'gte':
      return left >= right;
    case 'lt':
      return left < right;
    case 'lte':
      return left <= right;
    case 'eq':
      return left === right;
    case 'ne':
      return left !== right;
  }
};

const same = (left: Json | undefined, right: Json): boolean =>
  left === right || JSON.stringify(left) === JSON.stringify(right);

const containsValue = (held: Json | undefined, wanted: Json): boolean => {
  if (Array.isArray(held)) return held.some((item) => same(item, wanted));
  return (
    typeof held === 'string' &&
    typeof wanted === 'string' &&
    held.toLowerCase().includes(wanted.toLowerCase())
  );
};

const matchesMetadata = (
  { metadata: key, op, value }: Extract<Filter, { metadata: string }>,
  metadata: Metadata,
): boolean => {
  const held = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (op === 'contains') return containsValue(held, value);
  return same(held, value) === (op === 'eq');
};

const matchesEntity = (filter: Extract<Filter, { entity: EntityKind }>, target: Named): boolean =>
  'isNot' in filter
    ? !names(target, { kind: filter.entity, id: filter.isNot })
    : names(target, { kind: filter.entity, id: filter.is });

/** Whether a memory passes; pure, and the one place that says what a filter means. */
export const matches = (filter: Filter, target: FilterTarget): boolean => {
  if ('all' in filter) return filter.all.every((part) => matches(part, target));
  if ('any' in filter) return filter.any.some((part) => matches(part, target));
  if ('none' in filter) return !filter.none.some((part) => matches(part, target));
  if ('entity' in filter) return matchesEntity(filter, target);
  if ('time' in filter) return compare(filter.op, target[filter.time], filter.value);
  if ('metadata' in filter) return matchesMetadata(filter, target.metadata);
  if ('ids' in filter) return filter.ids.includes(target.id);
  return matchesText(filter, target);
};

const matchesText = (
  filter: Extract<Filter, { text: string } | { category: string } | { expiresOn: string }>,
  target: FilterTarget,
): boolean => {
  if ('text' in filter)
    return filter.ignoreCase
      ? target.text.toLowerCase().includes(filter.text.toLowerCase())
      : target.text.includes(filter.text);
  if ('category' in filter) {
    const wanted = filter.category.toLowerCase();
    return target.categories.some((held) =>
      filter.match === 'is' ? held.toLowerCase() === wanted : held.toLowerCase().includes(wanted),
    );
  }
  return target.expiresOn === undefined
    ? filter.op === 'ne'
    : compare(filter.op, target.expiresOn, filter.expiresOn);
};

/** Where to look: entities whose listings together hold everything the filter can keep. */
export type Partition = { kind: EntityKind; id: string } | 'project';

/** Undefined when the filter does not positively name an owner: such a read is refused. */
export const partitionsOf = (filter: Filter): Partition[] | undefined => {
  if ('all' in filter) {
    const found = filter.all.flatMap((part) => {
      const partitions = partitionsOf(part);
      return partitions ? [partitions] : [];
    });
    return found.find((partitions) => !partitions.includes('project')) ?? found[0];
  }
  if ('any' in filter) {
    const found = filter.any.map(partitionsOf);
    if (found.length === 0 || found.includes(undefined)) return undefined;
    const all = found.flatMap((partitions) => partitions ?? []);
    return all.includes('project') ? ['project'] : all;
  }
  if ('entity' in filter && 'is' in filter)
    return filter.is === anyId ? ['project'] : [{ kind: filter.entity, id: filter.is }];
  return undefined;
};

const looksAtText = (filter: Filter): boolean => {
  if ('all' in filter) return filter.all.some(looksAtText);
  if ('any' in filter) return filter.any.some(looksAtText);
  if ('none' in filter) return filter.none.some(looksAtText);
  return 'text' in filter;
};

/** A filter that keeps at least as much and does not look at texts, for an index that holds none. */
export const withoutText = (filter: Filter): Filter => {
  if ('all' in filter) return { all: filter.all.map(withoutText) };
  if ('any' in filter) return { any: filter.any.map(withoutText) };
  if ('none' in filter) return { none: filter.none.filter((part) => !looksAtText(part)) };
  return 'text' in filter ? { all: [] } : filter;
};
