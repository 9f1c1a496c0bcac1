import { expect, it } from 'vitest';
import { isPosition } from '../../../shared/domain/table/cursor-position.ts';

it.each(['', 'MEM', 'OTHER#a', `MEM#${'a'.repeat(1_100)}`])(
  'a text that is no sort key with the prefix is no position of a range: %#',
  (cursor) => {
    expect(isPosition(cursor, { isListing: false, prefix: 'MEM#' })).toBe(false);
  },
);

it.each([
  ...['', 'x', 'null', '{}', '[]', '"k"', '["k","p"]', '["k","p",1]', '["","p","s"]'],
  ...['["x","p","s"]', '['.repeat(3_000), JSON.stringify(['k', 'p', 's'.repeat(1_100)])],
])('a text that is not three keys is no position of a listing: %#', (cursor) => {
  expect(isPosition(cursor, { isListing: true, prefix: 'k' })).toBe(false);
});
