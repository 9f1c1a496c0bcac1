import { expect, it } from 'vitest';
import { dayInWords, monthInWords } from '../../shared/domain/dates-in-words.ts';
import { dayMs } from '../../shared/domain/time.ts';

const month = { month: 'long', year: 'numeric', timeZone: 'UTC' } as const;
const days = new Intl.DateTimeFormat('en-GB', { ...month, day: 'numeric' });
const months = new Intl.DateTimeFormat('en-GB', month);

/** Days of 140 years, and others of the whole range of dates: each is 37 days or 9,999 years after the one before. */
const times = [
  ...Array.from({ length: 1_400 }, (_, at) => (at - 700) * 37 * dayMs - 1),
  ...Array.from({ length: 55 }, (_, at) => (at - 27) * 9_999 * 365 * dayMs),
  Date.parse('0000-12-31T23:59:59Z'),
  Date.parse('0001-01-01T00:00:00Z'),
];

it('a day and a month are written as British English writes them', () => {
  expect(times.map(dayInWords)).toEqual(times.map((at) => days.format(at)));
  expect(times.map(monthInWords)).toEqual(times.map((at) => months.format(at)));
});
