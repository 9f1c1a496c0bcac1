import { parseArgs } from 'node:util';
import { runSchedule } from './run-schedule.ts';
import { scenarioNamed, scenarios } from './scenario.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const chosen = values.scenario === undefined ? scenarios : [scenarioNamed(values.scenario)];
const first = Number(values.seed);
const total = Number(values.schedules);
const counts = new Map<string, number>();
const began = performance.now();
let steps = 0;
let failures = 0;

for (let seed = first; seed < first + total; seed++) {
  const scenario = chosen[seed % chosen.length];
  if (!scenario) break;
  const outcome = await runSchedule(seed, scenario);
  steps += outcome.steps;
  for (const [kind, count] of outcome.faults) counts.set(kind, (counts.get(kind) ?? 0) + count);
  if (outcome.complaints.length > 0) {
    failures += 1;
    if (values.keep) say(`${outcome.scenario} ${seed}: ${outcome.complaints[0]}`);
    else {
      say(outcome.trace.join('\n'));
      say(`seed ${seed}, scenario ${outcome.scenario}:\n  ${outcome.complaints.join('\n  ')}`);
      say(`again: npm run simulate -- --schedules 1 --seed ${seed} --scenario ${outcome.scenario}`);
      break;
    }
  }
  // Lets the process breathe: all of a schedule happens within one turn of its loop.
  await new Promise((resolve) => setImmediate(resolve));
}

const seconds = (performance.now() - began) / 1000;
say(
  `${total} schedules from seed ${first}, ${failures} failed; ${(total / seconds).toFixed(0)} schedules/s, ${Math.round(steps / total)} steps each`,
);
say(
  [...counts]
    .sort()
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', '),
);
process.exitCode = failures > 0 ? 1 : 0;
