import { runSchedule } from './run-schedule.ts';
import { scenarioForSeed } from './scenario.ts';

/** Violations in the schedules of seeds `first` to `last`, each with the arguments that reproduce it. */
export const failuresOf = async (first: number, last: number): Promise<string[]> => {
  const failures: string[] = [];
  for (let seed = first; seed <= last; seed++) {
    const { scenario, violations } = await runSchedule(seed, scenarioForSeed(seed));
    if (violations.length > 0)
      failures.push(`--from ${seed} --scenario ${scenario}: ${violations.join('; ')}`);
  }
  return failures;
};
