import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Availability of the language model; the same for every process. */
export interface ModelService {
  /** Whether the model rejects this request. The request may be the first of an outage. */
  isOut(): boolean;
  /** Start of the current outage in ms; undefined while the model serves. */
  outSince(): number | undefined;
}

const shortOutageMs = 20_000;
const longOutageMs = 600_000;

export const createModelService = (parts: {
  scheduler: Scheduler;
  faults: Faults;
  random: Random;
}): ModelService => {
  const { scheduler, faults, random } = parts;
  let startedAt = 0;
  let endsAt = 0;
  const isNow = (): boolean => !faults.areStopped() && scheduler.now() < endsAt;
  return {
    isOut() {
      if (isNow()) return true;
      if (!faults.happens('modelOutage')) return false;
      startedAt = scheduler.now();
      endsAt = startedAt + 1 + random.below(random.chance(0.7) ? shortOutageMs : longOutageMs);
      return true;
    },
    outSince: () => (isNow() ? startedAt : undefined),
  };
};
