import { describe, expect, it } from 'vitest';
import { ratesOf } from '../../../functions/api/access/rate-limits.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';

describe('rate limits', () => {
  it('are a thousand cost units per second of a key, with a burst of five thousand, unless set', () => {
    expect(ratesOf(readConfig({}))).toEqual({
      key: { perSecond: 1_000, burst: 5_000 },
      project: { perSecond: 5_000, burst: 25_000 },
    });
  });

  it('are left out where they are set to 0', () => {
    const config = readConfig({ TURNSTONE_RATE_LIMIT: '0', TURNSTONE_PROJECT_RATE_LIMIT: '0' });

    expect(ratesOf(config)).toEqual({});
  });
});
