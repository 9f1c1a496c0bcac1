import { parseIsoTime } from '../iso-time.ts';
import type { MemoryKind } from './description.ts';
import { type AnyKind, hasEntity } from './entities.ts';
import type { Comparison, Filter, FilterTarget } from './filter.ts';
import { sameJson } from './json-equality.ts';
import { firstDayOf } from './occurrence.ts';
import type { Json } from './turn.ts';

/** A memory that is being matched. Lower-case forms are computed once, even when several conditions use them. */
interface Subject {
  target: FilterTarget;
  foldedText?: string;
  foldedCategories?: readonly string[];
  /** Lower-case strings by metadata key. */
  foldedMetadata?: Map<string, string>;
}

type Test = (subject: Subject) => boolean;

/** A test of a memory that yields whenever other work may run. */
type StepTest = (subject: Subject) => Generator<undefined, boolean>;

/** `slow`: the condition reads texts or lists of any length, so that many of them together take long. */
type Condition = { quick: Test } | { slow: StepTest };

const quick = (test: Test): Condition => ({ quick: test });

const slow = (test: Test): Condition => ({
  *slow(subject) {
    const holds = test(subject);
    yield;
    return holds;
  },
});

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

const foldedText = (subject: Subject): string => {
  subject.foldedText ??= subject.target.text.toLowerCase();
  return subject.foldedText;
};

const foldedCategories = (subject: Subject): readonly string[] => {
  subject.foldedCategories ??= subject.target.categories.map((name) => name.toLowerCase());
  return subject.foldedCategories;
};

const foldedMetadata = (subject: Subject, key: string, value: string): string => {
  subject.foldedMetadata ??= new Map();
  const folded = subject.foldedMetadata.get(key) ?? value.toLowerCase();
  subject.foldedMetadata.set(key, folded);
  return folded;
};

/** Combines conditions: as soon as one of them is `decisive`, so is the result. Slow ones are tested last. */
const combined = (parts: readonly Filter[], decisive: boolean): Condition => {
  const conditions = parts.map(conditionOf);
  const quickTests = conditions.flatMap((one) => ('quick' in one ? [one.quick] : []));
  const slowTests = conditions.flatMap((one) => ('slow' in one ? [one.slow] : []));
  const isDecided: Test = (subject) => quickTests.some((test) => test(subject) === decisive);
  if (slowTests.length === 0) return quick((subject) => isDecided(subject) === decisive);
  return {
    *slow(subject) {
      if (isDecided(subject)) return decisive;
      for (const test of slowTests) if ((yield* test(subject)) === decisive) return decisive;
      return !decisive;
    },
  };
};

const everyOf = (parts: readonly Filter[]): Condition => combined(parts, false);

const someOf = (parts: readonly Filter[]): Condition => combined(parts, true);

const noneOf = (parts: readonly Filter[]): Condition => {
  const some = someOf(parts);
  if ('quick' in some) return quick((subject) => !some.quick(subject));
  return {
    *slow(subject) {
      return !(yield* some.slow(subject));
    },
  };
};

const ofEntity = (filter: Extract<Filter, { entity: AnyKind }>): Condition => {
  const isWanted = !('isNot' in filter);
  const entity = { kind: filter.entity, id: 'isNot' in filter ? filter.isNot : filter.is };
  return quick(({ target }) => hasEntity(target, entity) === isWanted);
};

type Stored = (subject: Subject) => Json | undefined;

const ofMetadata = (filter: Extract<Filter, { metadata: string }>): Condition => {
  const { metadata: key } = filter;
  const stored: Stored = ({ target: { metadata } }) =>
    Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  switch (filter.op) {
    case 'eq':
      return quick((subject) => sameJson(stored(subject), filter.value));
    case 'ne':
      return quick((subject) => !sameJson(stored(subject), filter.value));
    case 'exists':
      return quick((subject) => stored(subject) != null);
    case 'contains':
      return containsValue(key, stored, filter.value);
    default:
      return compared(stored, filter.op, filter.value);
  }
};

const compared = (
  stored: Stored,
  op: 'gt' | 'gte' | 'lt' | 'lte',
  value: number | string,
): Condition => {
  if (typeof value === 'number')
    return quick((subject) => {
      const number = stored(subject);
      return typeof number === 'number' && compare(op, number, value);
    });
  const time = parseIsoTime(value);
  // A date means the whole day: `lte` includes the day, `gt` starts after it.
  const end = time && (op === 'gt' || op === 'lte' ? time.to : time.from);
  return slow((subject) => {
    const text = stored(subject);
    if (typeof text !== 'string') return false;
    const at = end === undefined ? undefined : parseIsoTime(text)?.from;
    return at === undefined || end === undefined ? compare(op, text, value) : compare(op, at, end);
  });
};

const containsValue = (key: string, storedIn: Stored, value: Json): Condition => {
  const needle = typeof value === 'string' ? value.toLowerCase() : undefined;
  return slow((subject) => {
    const stored = storedIn(subject);
    if (Array.isArray(stored)) return stored.some((item) => sameJson(item, value));
    if (typeof stored !== 'string' || needle === undefined) return false;
    return foldedMetadata(subject, key, stored).includes(needle);
  });
};

const ofText = ({ text, ignoreCase }: Extract<Filter, { text: string }>): Condition => {
  if (!ignoreCase) return slow(({ target }) => target.text.includes(text));
  const needle = text.toLowerCase();
  return slow((subject) => foldedText(subject).includes(needle));
};

const ofCategory = ({ category, match }: Extract<Filter, { category: string }>): Condition => {
  const wanted = category.toLowerCase();
  return match === 'is'
    ? quick((subject) => foldedCategories(subject).includes(wanted))
    : slow((subject) => foldedCategories(subject).some((name) => name.includes(wanted)));
};

const ofTag = ({ tag }: Extract<Filter, { tag: string }>): Condition => {
  const wanted = tag.toLowerCase();
  return quick(({ target: { tags = [] } }) => tags.some((name) => name.toLowerCase() === wanted));
};

const ofKind = ({ kind: wanted }: Extract<Filter, { kind: MemoryKind }>): Condition =>
  quick(({ target: { kind = 'fact' } }) => kind === wanted);

const ofIds = ({ ids }: Extract<Filter, { ids: string[] }>): Condition => {
  const wanted = new Set(ids);
  return quick(({ target }) => wanted.has(target.id));
};

const ofDay = (
  op: Comparison,
  day: string,
  dayOf: (target: FilterTarget) => string | undefined,
) => {
  const matchesUndated = op === 'ne';
  return quick(({ target }) => {
    const own = dayOf(target);
    return own === undefined ? matchesUndated : compare(op, own, day);
  });
};

const ofExpiry = ({ expiresOn: day, op }: Extract<Filter, { expiresOn: string }>): Condition =>
  ofDay(op, day, ({ expiresOn }) => expiresOn);

const ofOccurrence = ({ occursOn: day, op }: Extract<Filter, { occursOn: string }>): Condition =>
  ofDay(op, day, ({ occursOn }) => occursOn && firstDayOf(occursOn));

const conditionOf = (filter: Filter): Condition => {
  if ('all' in filter) return everyOf(filter.all);
  if ('any' in filter) return someOf(filter.any);
  if ('none' in filter) return noneOf(filter.none);
  if ('entity' in filter) return ofEntity(filter);
  if ('time' in filter) {
    const { time, op, value } = filter;
    return quick(({ target }) => compare(op, target[time], value));
  }
  if ('metadata' in filter) return ofMetadata(filter);
  if ('ids' in filter) return ofIds(filter);
  if ('kind' in filter) return ofKind(filter);
  if ('tag' in filter) return ofTag(filter);
  if ('occursOn' in filter) return ofOccurrence(filter);
  if ('text' in filter) return ofText(filter);
  return 'category' in filter ? ofCategory(filter) : ofExpiry(filter);
};

/**
 * Compiles a filter to a test of memories that yields after each condition on part of a text, a list or a category, so
 * that other work can run in between. This is the only definition of what a filter means; an index may filter earlier, but
 * must not drop a match. Lower-case forms are computed once per filter and per memory.
 */
export const stepMatcherOf = (
  filter: Filter,
): ((target: FilterTarget) => Generator<undefined, boolean>) => {
  const condition = conditionOf(filter);
  return function* (target) {
    return 'quick' in condition ? condition.quick({ target }) : yield* condition.slow({ target });
  };
};

/** Compiles a filter like `stepMatcherOf`, to a test that runs at once. */
export const matcherOf = (filter: Filter): ((target: FilterTarget) => boolean) => {
  const matches = stepMatcherOf(filter);
  return (target) => {
    for (const steps = matches(target); ; ) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  };
};
