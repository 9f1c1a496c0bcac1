import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRetrySchedule, nextDelay } from '../../../shared/domain/webhooks/retry-schedule.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const tries = fc.integer({ min: 0, max: defaultRetrySchedule.length - 1 });

describe('the retry schedule', () => {
  it('the default retry schedule is ten attempts over 75 h 35 m', () => {
    const seconds = defaultRetrySchedule.reduce<number>((sum, delay) => sum + delay, 0);

    expect(defaultRetrySchedule).toHaveLength(10);
    expect(seconds).toBe(75 * 3_600 + 35 * 60 + 5);
  });

  it('jitter changes a delay by at most a fifth', () => {
    fc.assert(
      fc.property(tries, random, (spent, chance) => {
        const delay = nextDelay(defaultRetrySchedule, spent, chance) ?? Number.NaN;

        const planned = (defaultRetrySchedule[spent] ?? Number.NaN) * 1_000;

        expect(Math.abs(delay - planned)).toBeLessThanOrEqual(planned * 0.2 + 1);
      }),
    );
  });

  it('a retry is never earlier than Retry-After or the schedule', () => {
    const wait = fc.integer({ min: 0, max: 86_400_000 });
    fc.assert(
      fc.property(tries, random, wait, (spent, chance, asked) => {
        const delay = nextDelay(defaultRetrySchedule, spent, chance, asked);

        const unasked = nextDelay(defaultRetrySchedule, spent, chance) ?? 0;

        expect(delay).toBe(Math.max(unasked, asked));
      }),
    );
  });

  it('jitter spreads attempts that failed together', () => {
    const delays = [0, 0.5, 0.999].map((chance) => nextDelay([0, 10], 1, chance));

    expect(delays).toEqual([8_000, 10_000, 11_996]);
  });

  it('the retry schedule ends', () => {
    expect(nextDelay(defaultRetrySchedule, 10, 0.5)).toBeUndefined();
    expect(nextDelay([0], 1, 0.5, 5_000)).toBeUndefined();
  });
});
