import type { Filter } from '../../../../shared/domain/memory/filter.ts';
import { invalid } from '../../http/http-error.ts';
import { Day, type Span, spanOf } from '../../http/instant.ts';
import { listOf, operatorsOf, type Rule } from './filter-syntax.ts';

type TimeField = 'createdAt' | 'updatedAt' | 'observedAt';

const spanAt = (value: unknown, at: string): Span => {
  const span = spanOf(value);
  if (span) return span;
  throw invalid(at, `${at} must be an ISO 8601 date, an ISO 8601 date and time, or Unix seconds.`);
};

/** Dates stand for whole days: `lte` includes the day, `gt` begins after it. */
export const timeFilter =
  (time: TimeField): Rule =>
  (value, at) => {
    const compared =
      (op: 'gt' | 'gte' | 'lt' | 'lte', end: keyof Span) =>
      (moment: unknown): Filter => ({ time, op, value: spanAt(moment, at)[end] });
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

export const expirationFilter: Rule = (value, at) => {
  const compared =
    (op: 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte') =>
    (day: unknown): Filter => ({ expiresOn: dayAt(day, at), op });
  const equal = compared('eq');
  return operatorsOf(value, at, {
    // Every date is greater than the empty string: it has one at all.
    bare: (day) => (day === '*' ? { expiresOn: '', op: 'gt' } : equal(day)),
    eq: equal,
    ne: compared('ne'),
    in: (days) => ({ any: listOf(days, at).map(equal) }),
    gt: compared('gt'),
    gte: compared('gte'),
    lt: compared('lt'),
    lte: compared('lte'),
  });
};
