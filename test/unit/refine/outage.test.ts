import { describe, expect, it } from 'vitest';
import {
  afterBrokenProbe,
  afterFailure,
  afterGoodProbe,
  claimedForProbe,
  isOpen,
  nextCheckAt,
  type Outage,
} from '../../../shared/domain/outage.ts';

const failure = { code: 'model_unavailable', message: 'Out.' };
const at = 1_000_000;

/** An outage after the given number of failures, each at the end of the pause before. */
const outageAfter = (failures: number): Outage => {
  let outage = afterFailure(undefined, failure, at);
  for (let n = 1; n < failures; n++) outage = afterFailure(outage, failure, outage.retryAt);
  return outage;
};
const pauseAfter = (failures: number): number => {
  const before = failures > 1 ? outageAfter(failures - 1).retryAt : at;
  return outageAfter(failures).retryAt - before;
};

describe('an outage of the language model', () => {
  it('an outage is probed after pauses that double up to a minute', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8].map(pauseAfter);

    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
  });

  it('an outage lasts as long as Retry-After asks, up to 15 minutes', () => {
    const asked = (retryAfterMs: number) =>
      afterFailure(undefined, { ...failure, retryAfterMs }, at).retryAt - at;

    expect([asked(0), asked(30_000), asked(86_400_000)]).toEqual([1_000, 30_000, 900_000]);
  });

  it('an outage is probed by one worker at a time, and by another once the claim has expired', () => {
    const outage = outageAfter(1);
    const claimed = claimedForProbe(outage, outage.retryAt);

    expect(claimedForProbe(outage, outage.retryAt - 1)).toBeUndefined();
    expect(claimed && claimedForProbe(claimed, outage.retryAt)).toBeUndefined();
    expect(claimed && claimedForProbe(claimed, outage.retryAt + 40_000)).toBeDefined();
    expect(claimed && claimedForProbe(afterBrokenProbe(claimed), outage.retryAt)).toBeDefined();
  });

  it('an outage ends with a good probe; a failure soon after continues it, a later one starts a new outage', () => {
    const ended = afterGoodProbe(outageAfter(4), at + 20_000);

    const relapse = afterFailure(ended, failure, at + 21_000);
    const later = afterFailure(ended, failure, at + 40_000);

    expect(isOpen(ended)).toBe(false);
    expect(relapse).toMatchObject({ since: at, failures: 5 });
    expect(later).toMatchObject({ since: at + 40_000, failures: 1 });
  });

  it('the version of an outage rises with every write', () => {
    const one = outageAfter(1);
    const claimed = claimedForProbe(one, one.retryAt) ?? one;

    expect([one, claimed, afterGoodProbe(claimed, at), afterFailure(claimed, failure, at)]).toEqual(
      [1, 2, 3, 3].map((version) => expect.objectContaining({ version })),
    );
  });

  it('waiting scopes come back after the pause, spread out by a quarter of it', () => {
    const outage = outageAfter(7);
    const now = outage.retryAt - 40_000;

    expect(nextCheckAt(outage, now, 0)).toBe(outage.retryAt);
    expect(nextCheckAt(outage, now, 1)).toBe(outage.retryAt + 10_000);
  });

  it('waiting scopes go on waiting while a probe is in flight', () => {
    const outage = outageAfter(3);
    const claimed = claimedForProbe(outage, outage.retryAt) ?? outage;

    expect(nextCheckAt(claimed, outage.retryAt, 0)).toBe(outage.retryAt + 4_000);
  });
});
