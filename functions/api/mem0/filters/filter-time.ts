import type { Interval } from '../../../../shared/domain/iso-time.ts';
import type { Comparison, Filter } from '../../../../shared/domain/memory/filter.ts';
import { firstDayOf, occurrenceFrom } from '../../../../shared/domain/memory/occurrence.ts';
import { invalid } from '../../http/http-error.ts';
import { Day, parseInterval } from '../../http/instant.ts';
import { listOf, operatorsOf, type Rule } from './filter-syntax.ts';

type TimeField = 'createdAt' | 'updatedAt' | 'observedAt';

const intervalAt = (value: unknown, at: string): Interval => {
  const interval = parseInterval(value);
  if (interval) return interval;
  throw invalid(at, `${at} must be an ISO 8601 date, an ISO 8601 date and time, or Unix seconds.`);
};

/** Filters by a time field. A date means the whole day: `lte` includes the day, `gt` starts after it. */
export const timeFilter =
  (time: TimeField): Rule =>
  (value, at) => {
    const compared =
      (op: 'gt' | 'gte' | 'lt' | 'lte', end: keyof Interval) =>
      (moment: unknown): Filter => ({ time, op, value: intervalAt(moment, at)[end] });
    const equal = (moment: unknown): Filter => ({
      all: [compared('gte', 'from')(moment), compared('lte', 'to')(moment)],
    });
    return operatorsOf(value, at, {
      bare: equal,
      eq: equal,
      ne: (moment) => ({ none: [equal(moment)] }),
      in: (moments) => ({ any: listOf(moments, at).map(equal) }),
      gt: compared('gt', 'to'),
      gte: compared('gte', 'from'),
      lt: compared('lt', 'from'),
      lte: compared('lte', 'to'),
    });
  };

const dayAt = (value: unknown, at: string): string => {
  const day = Day.safeParse(value);
  if (day.success) return day.data;
  throw invalid(at, `${at} must be a date such as 2030-01-31.`);
};

/** The day of a date as it is shown: a month or a year is its first day. */
const occurrenceAt = (value: unknown, at: string): string =>
  dayAt(typeof value === 'string' && occurrenceFrom(value) ? firstDayOf(value) : value, at);

const dayFilter =
  (filterOf: (day: string, op: Comparison) => Filter, read = dayAt): Rule =>
  (value, at) => {
    const compared =
      (op: Comparison) =>
      (day: unknown): Filter =>
        filterOf(read(day, at), op);
    const equal = compared('eq');
    return operatorsOf(value, at, {
      // `*` matches memories with any date: every date is greater than the empty string.
      bare: (day) => (day === '*' ? filterOf('', 'gt') : equal(day)),
      eq: equal,
      ne: compared('ne'),
      in: (days) => ({ any: listOf(days, at).map(equal) }),
      gt: compared('gt'),
      gte: compared('gte'),
      lt: compared('lt'),
      lte: compared('lte'),
    });
  };

/** Filter by the last day on which a memory is shown. */
export const expirationFilter = dayFilter((expiresOn, op) => ({ expiresOn, op }));

/** Filter by the date of what a memory says: a month or a year counts as its first day. */
export const occurrenceFilter = dayFilter((occursOn, op) => ({ occursOn, op }), occurrenceAt);
