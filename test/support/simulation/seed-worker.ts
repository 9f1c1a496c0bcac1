import { parentPort, workerData } from 'node:worker_threads';
import { runSchedule } from './run-schedule.ts';
import { getScenario, scenarioForSeed } from './scenario.ts';

/** Seeds of one thread: every `stride`th. */
export interface Share {
  from: number;
  until: number;
  stride: number;
  scenario: string | undefined;
}

const { from, until, stride, scenario }: Share = workerData;

for (let seed = from; seed < until; seed += stride) {
  const chosen = scenario === undefined ? scenarioForSeed(seed) : getScenario(scenario);
  parentPort?.postMessage(await runSchedule(seed, chosen));
  // Yields to the event loop: a whole schedule runs in one iteration.
  await new Promise((resolve) => setImmediate(resolve));
}
