import type { Rates } from './rate-limits.ts';
import type { Rate } from './token-buckets.ts';

interface RateSettings {
  rateLimit: number;
  rateBurst: number;
  projectRateLimit: number;
  projectRateBurst: number;
}

const rateOf = (perSecond: number, burst: number): Rate | undefined =>
  perSecond === 0 ? undefined : { perSecond, burst };

export const ratesOf = (settings: RateSettings): Rates => ({
  key: rateOf(settings.rateLimit, settings.rateBurst),
  project: rateOf(settings.projectRateLimit, settings.projectRateBurst),
});
