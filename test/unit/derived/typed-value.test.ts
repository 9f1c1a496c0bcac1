import { expect, it } from 'vitest';
import {
  formatted,
  nameIn,
  numberIn,
  phoneIn,
  spokenDateIn,
} from '../../../shared/domain/derived/fields/typed-value.ts';

it.each([
  ['80,000 euros a year', 80_000],
  ['about 80k', 80_000],
  ['1.75 m', 1.75],
  ['-3 degrees', -3],
  ['two', 2],
  ['3 or 4', null],
  ['one or two', null],
  ['the B117 room', null],
  ['teal', null],
])('the only number of "%s" is %s', (text, number) => {
  expect(numberIn(text)).toBe(number);
});

it.each([
  ['3 May 1990', '1990-05-03'],
  ['the 1st of June, 2020', '2020-06-01'],
  ['Sept 9, 2021', '2021-09-09'],
  ['2024-02-29', '2024-02-29'],
  ['2023-02-29', null],
  ['3 May', null],
  ['1990', null],
])('the date of "%s" is %s', (text, date) => {
  expect(formatted({ type: 'string', format: 'date' }, text)).toBe(date);
});

it('a date with a time of day is midnight, and other formats are those of the text', () => {
  expect(formatted({ type: 'string', format: 'date-time' }, '3 May 1990')).toBe(
    '1990-05-03T00:00:00Z',
  );
  expect(formatted({ type: 'string', format: 'email' }, 'write to a.b@c.de.')).toBe('a.b@c.de');
  expect(spokenDateIn('on 3 May every year')).toBe('3 May');
  expect(phoneIn('call +47 555 22 12 at noon')).toBe('+47 555 22 12');
  expect(nameIn('Ana de la Cruz from Lima')).toBe('Ana de la Cruz');
  expect(nameIn('a doctor')).toBeNull();
});
