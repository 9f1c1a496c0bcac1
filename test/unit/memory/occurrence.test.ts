import { describe, expect, it } from 'vitest';
import { occurrenceFrom, occurrenceIn } from '../../../shared/domain/memory/occurrence.ts';

describe('the date of what a text states', () => {
  it.each([
    ['User met Anna on 11 May 2023.', '2023-05-11'],
    ['User met Anna on May 11, 2023.', '2023-05-11'],
    ['User met Anna on the 3rd of Sept. 2023.', '2023-09-03'],
    ['User flies to Rome on 2026-03-02T10:00:00Z.', '2026-03-02'],
    ['User has a class on the morning of 5 May 2023 at 9am.', '2023-05-05'],
    ['User visited Oslo in April 2023.', '2023-04'],
    ['The lease ends 2027-06.', '2027-06'],
    ['User has painted since 2020.', '2020'],
    ['User stays in Rome until 2027.', '2027'],
    ['User and Omar fly to Rome on 2 May 2026.', '2026-05-02'],
    ['On 2 May 2026 User met Anna, and on 2026-05-02 also Ben.', '2026-05-02'],
  ])('%j has the date %s', (text, date) => {
    expect(occurrenceIn(text)).toBe(date);
  });

  it.each([
    ['no date', 'User likes tea.'],
    ['no year', 'User was born on March 5.'],
    ['a habit', 'User runs on Tuesdays.'],
    ['two dates', 'User was in Rome on 1 May 2020 and in Oslo on 2 May 2021.'],
    ['a range', 'User is in Rome from 3 to 5 March 2026.'],
    ['a range of months', 'User is in Rome from March to May 2026.'],
    ['a range of abbreviated months', 'User is in Rome Mar. through Sept. 2026.'],
    ['a range of days of two months', 'User is in Rome 3 March - 5 April 2026.'],
    ['a range of days after their months', 'User is in Rome from March 3rd until April 5th, 2026.'],
    ['a range of years', 'User worked at Shell from 2020 until 2026.'],
    ['two months', 'User was in Rome in March and May 2026.'],
    ['a day nearby', 'User adopted Rex around 28 April 2023.'],
    ['a week nearby', 'User ran a marathon in the week before 12 May 2023.'],
    ['a vague part of a year', 'User moved in early 2023.'],
    ['a number that is no year', 'User has a model 2026 printer.'],
    ['no such day', 'User flies on 31 February 2026.'],
  ])('a text with %s has none', (_, text) => {
    expect(occurrenceIn(text)).toBeUndefined();
  });

  it.each(['2026-02-29', '2026-13', '26-01-01', 'soon', '2026-1-1', '0000', ''])(
    '%j is no date of a model',
    (value) => {
      expect(occurrenceFrom(value)).toBeUndefined();
    },
  );
});
