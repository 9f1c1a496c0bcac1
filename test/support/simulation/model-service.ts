import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Whether the language model serves at all: the same for every process. */
export interface ModelService {
  /** Whether it is out as of this request, which may be where that begins. */
  isOut(): boolean;
  /** Since when it is out, in ms; undefined: it serves. */
  outSince(): number | undefined;
}

const short = 20_000;
const long = 600_000;

export const createModelService = (parts: {
  scheduler: Scheduler;
  faults: Faults;
  random: Random;
}): ModelService => {
  const { scheduler, faults, random } = parts;
  let from = 0;
  let until = 0;
  const isNow = (): boolean => !faults.areOver() && scheduler.now() < until;
  return {
    isOut() {
      if (isNow()) return true;
      if (!faults.happens('modelOut')) return false;
      from = scheduler.now();
      until = from + 1 + random.below(random.chance(0.7) ? short : long);
      return true;
    },
    outSince: () => (isNow() ? from : undefined),
  };
};
