import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { ScheduleResult } from './run-schedule.ts';
import type { Share } from './seed-worker.ts';

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    scenario: { type: 'string' },
    threads: { type: 'string', default: String(Math.min(8, availableParallelism())) },
    'keep-going': { type: 'boolean', default: false },
  },
});

const whole = (text: string, name: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} is a whole number from 1 up, not ${text}`);
};

const from = whole(values.from, 'from');
const total = whole(values.schedules, 'schedules');
const threads = Math.min(total, whole(values.threads, 'threads'));
const progressEvery = 500;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const startedAt = performance.now();
const faults = new Map<string, number>();
const figures = { played: 0, steps: 0, failed: 0 };
const workers: Worker[] = [];

const report = (): string => {
  const seconds = (performance.now() - startedAt) / 1000;
  const { played, steps, failed } = figures;
  const speed = `${(played / seconds).toFixed(0)} schedules/s, ${Math.round(steps / played)} steps each`;
  return `${played} schedules from seed ${from}: ${failed} failed; ${speed}`;
};

const reportFailure = ({ seed, scenario, violations, trace }: ScheduleResult): void => {
  if (values['keep-going']) {
    say(`seed ${seed}, scenario ${scenario}: ${violations[0]}`);
    return;
  }
  say(trace.join('\n'));
  say(`seed ${seed}, scenario ${scenario}:\n  ${violations.join('\n  ')}`);
  say(`again: npm run simulate -- --schedules 1 --from ${seed} --scenario ${scenario}`);
  for (const worker of workers) void worker.terminate();
};

const count = (result: ScheduleResult): void => {
  figures.played += 1;
  figures.steps += result.steps;
  for (const [kind, times] of result.faults) faults.set(kind, (faults.get(kind) ?? 0) + times);
  if (figures.played % progressEvery === 0) process.stderr.write(`${report()}\n`);
  if (result.violations.length === 0) return;
  figures.failed += 1;
  reportFailure(result);
};

const play = (thread: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const share: Share = {
      from: from + thread,
      until: from + total,
      stride: threads,
      scenario: values.scenario,
    };
    const worker = new Worker(new URL('./seed-worker.ts', import.meta.url), { workerData: share });
    workers.push(worker);
    worker.on('message', count);
    worker.on('error', reject);
    worker.on('exit', () => resolve());
  });

await Promise.all(Array.from({ length: threads }, (_, thread) => play(thread)));
const kinds = [...faults].sort().map(([kind, times]) => `${kind} ${times}`);
say(`${report()}; faults: ${kinds.join(', ')}`);
process.exitCode = figures.failed > 0 ? 1 : 0;
