import type { Dispatch } from '../../ports/platform.ts';
import type { Claim } from './admission.ts';
import { attempt, type Made } from './attempt.ts';
import { finish } from './finish.ts';

interface Ended {
  claim: Claim;
  posted: Made;
}

/** Attempts under way; one that fails to be made does not keep the others from it. */
export const createCrew = (platform: Dispatch, ended: () => void) => {
  let atWork = 0;
  const unrecorded: Ended[] = [];
  const failures: unknown[] = [];

  const make = async (claim: Claim): Promise<void> => {
    try {
      unrecorded.push({ claim, posted: await attempt(platform, claim) });
    } catch (error) {
      failures.push(error);
    }
    atWork -= 1;
    ended();
  };

  const note = async ({ claim, posted }: Ended): Promise<void> => {
    try {
      await finish(platform, claim, posted);
    } catch (error) {
      failures.push(error);
    }
  };

  return {
    begin(claim: Claim): void {
      atWork += 1;
      void make(claim);
    },
    atWork: () => atWork,
    /** Attempts that are over and not recorded yet. */
    unrecorded: () => unrecorded.length,
    /** Records all of them, in one breath: they share a transaction. */
    async record(): Promise<void> {
      await Promise.all(unrecorded.splice(0).map(note));
    },
    isIdle: () => atWork === 0 && unrecorded.length === 0,
    /** @throws what the first of them failed with */
    check(): void {
      if (failures.length > 0) throw failures[0];
    },
  };
};
