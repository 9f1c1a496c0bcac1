import { parentPort, workerData } from 'node:worker_threads';
import { runSchedule } from './run-schedule.ts';
import { scenarioNamed, scenarioOf } from './scenario.ts';

/** The seeds one thread plays: every `stride`th. */
export interface Share {
  from: number;
  until: number;
  stride: number;
  scenario: string | undefined;
}

const { from, until, stride, scenario }: Share = workerData;

for (let seed = from; seed < until; seed += stride) {
  const chosen = scenario === undefined ? scenarioOf(seed) : scenarioNamed(scenario);
  parentPort?.postMessage(await runSchedule(seed, chosen));
  // Lets the thread breathe: all of a schedule happens within one turn of its loop.
  await new Promise((resolve) => setImmediate(resolve));
}
