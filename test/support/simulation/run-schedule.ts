import { createDispatcherHandler } from '../../../functions/dispatcher/handler.ts';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import type { FaultKind } from '../../../shared/simulation/faults.ts';
import type { Mutation } from '../../../shared/simulation/process.ts';
import type { Scenario } from '../../../shared/simulation/scenario-defaults.ts';
import { createSchedule, type Schedule } from '../../../shared/simulation/schedule.ts';
import { renderLabel, type TraceEntry } from '../../../shared/simulation/scheduler.ts';

export interface ScheduleResult {
  seed: number;
  scenario: string;
  steps: number;
  faults: ReadonlyMap<FaultKind, number>;
  /** First violations; empty if every check passed. */
  violations: readonly string[];
  /** Last steps before the end. */
  trace: readonly string[];
}

const traceLength = Number(process.env['TRACE'] ?? 60);

/** Keeps the last steps of a schedule. Descriptions are made at the end, of these steps alone. */
const createTrace = () => {
  const entries: TraceEntry[] = [];
  return {
    add(entry: TraceEntry): void {
      entries.push(entry);
      if (entries.length > 4 * traceLength) entries.splice(0, entries.length - traceLength);
    },
    render: (): string[] =>
      entries
        .slice(-traceLength)
        .map(
          ({ step, at, actor, label }) =>
            `${String(step).padStart(5)} ${(at / 1000).toFixed(3).padStart(9)}s ${actor.padEnd(10)} ${renderLabel(label)}`,
        ),
  };
};

const advanceToEnd = (schedule: Schedule): Promise<void> =>
  new Promise((resolve, reject) => {
    const advance = (): void => {
      try {
        if (schedule.advance()) queueMicrotask(next);
        else resolve();
      } catch (error) {
        reject(error);
      }
    };
    // A `nextTick` requested by a microtask runs when the microtask queue is empty: every actor is suspended again.
    const next = (): void => process.nextTick(advance);
    next();
  });

/** Runs one schedule to its end, or to the first violation. */
export const runSchedule = async (
  seed: number,
  scenario: Scenario,
  mutation: Mutation = {},
): Promise<ScheduleResult> => {
  const trace = createTrace();
  const handlers = { turns: createWorkerHandler, notifications: createDispatcherHandler };
  const observer = { step: trace.add };
  const schedule = createSchedule({ seed, scenario, mutation, handlers, observer });
  await advanceToEnd(schedule);
  const { scheduler, faults, violations } = schedule.service;
  return {
    seed,
    scenario: scenario.name,
    steps: scheduler.step(),
    faults: faults.counts,
    violations: violations.slice(0, 5),
    trace: trace.render(),
  };
};
