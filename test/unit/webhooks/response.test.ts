import { describe, expect, it } from 'vitest';
import { errorOfStatus, retryAfterMs } from '../../../shared/domain/webhooks/response.ts';

const now = Date.UTC(1994, 10, 6, 8, 49, 7);
const dayMs = 86_400_000;

describe('an answer', () => {
  it('a status is a success from 200 to 299 only', () => {
    const all = Array.from({ length: 500 }, (_, i) => i + 100);

    const good = all.filter((status) => errorOfStatus(status) === undefined);

    expect(good).toEqual(Array.from({ length: 100 }, (_, i) => i + 200));
  });

  it('a status that is not a success has a readable class', () => {
    const classes = [301, 302, 303, 304, 307, 308, 400, 404, 410, 429, 499, 500, 503, 599].map(
      errorOfStatus,
    );

    expect(classes).toEqual([
      ...Array.from({ length: 6 }, () => 'redirect'),
      ...Array.from({ length: 5 }, () => 'http_4xx'),
      ...Array.from({ length: 3 }, () => 'http_5xx'),
    ]);
  });
});

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['007', 7_000],
    ['86400', dayMs],
    ['86401', dayMs],
    ['999999999999999999999999', dayMs],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 30_000],
    ['Sun Nov  6 08:49:37 1994', 30_000],
    ['Sun, 06 Nov 1994 08:49:07 GMT', 0],
    ['Sat, 05 Nov 1994 08:49:37 GMT', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', dayMs],
  ])('Retry-After %j is respected, a day at most', (header, ms) => {
    expect(retryAfterMs(429, header, now)).toBe(ms);
    expect(retryAfterMs(503, header, now)).toBe(ms);
  });

  it.each([
    '',
    ' ',
    'soon',
    '-1',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    '5s',
    '5, 10',
    '٥',
    'NaN',
    'Infinity',
    '1994-11-06T08:49:37Z',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 25:49:37 GMT',
    'Nov 6 1994',
    'tomorrow',
  ])('the invalid Retry-After %j is ignored', (header) => {
    expect(retryAfterMs(503, header, now)).toBeUndefined();
  });

  it.each([200, 301, 400, 404, 410, 500, 502, 504])(
    'Retry-After is ignored with status %i',
    (status) => {
      expect(retryAfterMs(status, '120', now)).toBeUndefined();
    },
  );

  it('a missing Retry-After requests no delay', () => {
    expect(retryAfterMs(429, undefined, now)).toBeUndefined();
  });
});
