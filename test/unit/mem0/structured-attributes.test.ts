import { expect, it } from 'vitest';
import { structuredAttributes } from '../../../functions/api/mem0/structured-attributes.ts';

it('a time is split into parts as published answers show it', () => {
  expect(structuredAttributes(Date.parse('2025-10-13T16:59:12Z'))).toEqual({
    day: 13,
    hour: 16,
    year: 2025,
    month: 10,
    minute: 59,
    quarter: 4,
    is_weekend: false,
    day_of_week: 'monday',
    day_of_year: 286,
    week_of_year: 42,
  });
  expect(structuredAttributes(Date.parse('2026-01-15T10:30:00Z'))).toMatchObject({
    day_of_week: 'thursday',
    week_of_year: 3,
    day_of_year: 15,
    quarter: 1,
  });
});

it.each([
  ['2027-01-03', 53, 'sunday', true],
  ['2024-12-30', 1, 'monday', false],
  ['2028-12-31', 52, 'sunday', true],
  ['2028-02-29', 9, 'tuesday', false],
])('%s is in ISO week %i', (day, week, weekday, isWeekend) => {
  expect(structuredAttributes(Date.parse(day))).toMatchObject({
    week_of_year: week,
    day_of_week: weekday,
    is_weekend: isWeekend,
  });
});

it('the days of a leap year are counted', () => {
  expect(structuredAttributes(Date.parse('2028-12-31')).day_of_year).toBe(366);
});
