import { describe, expect, it } from 'vitest';
import { createTokenBuckets } from '../../../functions/api/access/token-buckets.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const rate = { perSecond: 10, burst: 50 };

describe('a token bucket', () => {
  it('a token bucket starts full, is emptied by takes, and refills over time', async () => {
    const clock = createManualClock();
    const buckets = createTokenBuckets(rate, clock);

    buckets.take('a', 50);
    const empty = buckets.left('a');
    await clock.advance(2_500);
    const later = buckets.left('a');
    await clock.advance(3_600_000);

    expect([empty, later, buckets.left('a')]).toEqual([0, 25, 50]);
  });

  it('a token bucket returns the wait in whole seconds, at most until it is full', async () => {
    const clock = createManualClock();
    const buckets = createTokenBuckets(rate, clock);

    buckets.take('a', 50);
    const waits = [1, 11, 50, 5_000].map((units) => buckets.secondsUntil('a', units));
    await clock.advance(5_000);

    expect(waits).toEqual([1, 2, 5, 5]);
    expect(buckets.secondsUntil('a', 5_000)).toBe(0);
  });

  it('each caller has a token bucket of its own', () => {
    const buckets = createTokenBuckets(rate, createManualClock());

    buckets.take('a', 50);

    expect(buckets.left('b')).toBe(50);
  });

  it('a token bucket goes into debt by at most one burst', () => {
    const buckets = createTokenBuckets(rate, createManualClock());

    for (let i = 0; i < 100; i++) buckets.take('a', 50);

    expect(buckets.left('a')).toBe(-50);
    expect(buckets.secondsUntil('a', 50)).toBe(10);
  });

  it('a token bucket does not change when the clock is set back', () => {
    let now = 1_000_000;
    const buckets = createTokenBuckets(rate, { now: () => now });
    buckets.take('a', 30);

    now = 0;

    expect(buckets.left('a')).toBe(20);
  });

  it('a token bucket is dropped once ten thousand others were used since', () => {
    const buckets = createTokenBuckets(rate, createManualClock());
    buckets.take('first', 50);
    buckets.take('second', 50);

    for (let i = 0; i < 9_998; i++) buckets.take(`other ${i}`, 1);
    buckets.take('second', 0);
    buckets.take('one more', 1);

    expect(buckets.left('first')).toBe(50);
    expect(buckets.left('second')).toBe(0);
  });
});
