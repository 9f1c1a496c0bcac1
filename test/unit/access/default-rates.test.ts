import { describe, expect, it } from 'vitest';
import { ratesOf } from '../../../functions/api/access/rate-limits.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';

describe('rate limits', () => {
  it('the default rate limit is 1,000 cost units per second of a key, with a burst of 5,000', () => {
    expect(ratesOf(readConfig({}))).toEqual({
      key: { perSecond: 1_000, burst: 5_000 },
      project: { perSecond: 5_000, burst: 25_000 },
    });
  });

  it('a rate limit of 0 means no limit', () => {
    const config = readConfig({ TURNSTONE_RATE_LIMIT: '0', TURNSTONE_PROJECT_RATE_LIMIT: '0' });

    expect(ratesOf(config)).toEqual({});
  });
});
