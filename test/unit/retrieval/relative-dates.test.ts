import { expect, it } from 'vitest';
import { withAbsoluteDates } from '../../../shared/core/retrieval/relative-dates.ts';

/** A Wednesday. */
const at = Date.parse('2026-05-13T10:00:00Z');

it.each([
  ['what did she do yesterday?', 'what did she do 12 May 2026?'],
  ['Yesterday and today', '12 May 2026 and 13 May 2026'],
  ['the day before yesterday', '11 May 2026'],
  ['what is on tomorrow', 'what is on 14 May 2026'],
  ['the day after tomorrow', '15 May 2026'],
  ['the race 3 days ago', 'the race 10 May 2026'],
  ['two weeks ago', '29 April 2026'],
  ['a day ago', '12 May 2026'],
  ['last Monday', '11 May 2026'],
  ['last Wednesday', '6 May 2026'],
  ['next Wednesday', '20 May 2026'],
  ['next friday', '15 May 2026'],
  ['last month', 'April 2026'],
  ['next month', 'June 2026'],
  ['last year', '2025'],
  ['what happened on 2026-11-24?', 'what happened on 24 November 2026?'],
  ['Nov 3', 'November 3'],
  ['on 3rd Sept. 2026', 'on 3rd September. 2026'],
  ['Jan. 5, 2026', 'January. 5, 2026'],
])('%j becomes %j', (query, resolved) => {
  expect(withAbsoluteDates(query, at)).toBe(resolved);
});

it.each([
  'Where does she live?',
  'the last train',
  'yesterdays',
  '10 days',
  'two months ago',
  '2026-13-41',
  'Jan is a friend of Jun',
  'marble 3',
  '',
])('%j has no date that is resolved', (query) => {
  expect(withAbsoluteDates(query, at)).toBe(query);
});

it('a month before January is in the year before', () => {
  expect(withAbsoluteDates('last month', Date.parse('2026-01-31'))).toBe('December 2025');
});

it('a long query keeps its end as it is', () => {
  const long = `yesterday ${'x'.repeat(1_000)} yesterday`;

  expect(withAbsoluteDates(long, at)).toBe(`12 May 2026 ${'x'.repeat(1_000)} yesterday`);
});
