import { runSchedule } from './run-schedule.ts';
import { scenarioOf } from './scenario.ts';

/** What the schedules of these seeds, the last one included, find wrong, and how to play that again. */
export const failuresOf = async (first: number, last: number): Promise<string[]> => {
  const failures: string[] = [];
  for (let seed = first; seed <= last; seed++) {
    const { scenario, complaints } = await runSchedule(seed, scenarioOf(seed));
    if (complaints.length > 0)
      failures.push(`--from ${seed} --scenario ${scenario}: ${complaints.join('; ')}`);
  }
  return failures;
};
