import type { Random } from './random.ts';

/** Simulated process: a client, a reader, a worker. Calls of a dead actor never return. */
export interface Actor {
  name: string;
  dead: boolean;
  frozenUntil: number;
}

/** Description of a step; a function is only evaluated when the trace is printed. */
export type Label = string | (() => string);

interface Task {
  actor: Actor;
  label: Label;
  run(): void;
  /** The task may run from this time on, and once `ready` holds. */
  wakeAt: number;
  ready?: () => boolean;
  /** Whether the task waits for time or work, rather than for a call in flight. */
  isIdle: boolean;
  enqueuedAt: number;
}

export interface SchedulingRates {
  /** Probability that the response of a call is delayed after the call took effect. */
  slowResponses: number;
  /** Probability that the clock advances a little in a step. */
  clockTicks: number;
  /** Probability that the clock jumps far enough for a lease to expire. */
  clockJumps: number;
  /** Probability that an actor freezes for some steps, as in a long garbage collection. */
  freezes: number;
  /** Probability that the actor of the last step runs again. */
  bursts: number;
}

export interface Scheduler {
  now(): number;
  /** Number of steps so far. Effects within one step are atomic. */
  step(): number;
  actor(name: string): Actor;
  /** Actor whose call takes effect in this step. */
  currentActor(): Actor | undefined;
  /** Schedules a call. `effect` runs atomically in a later step; the response may be delayed further. */
  call<T>(actor: Actor, label: Label, effect: () => T): Promise<T>;
  sleep(actor: Actor, ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves in a step after `ready` holds. */
  until(actor: Actor, label: Label, ready: () => boolean): Promise<void>;
  /** Kills the actor: its calls never return, but each call in flight takes effect with probability 0.5. */
  crash(actor: Actor): void;
  /**
   * Runs one step; returns whether there was a task. Every microtask of the step before must have run, so that each actor waits for
   * the scheduler again.
   */
  advance(): boolean;
  /** Number of clock jumps so far that were long enough for a lease to expire. */
  clockJumpCount(): number;
}

const maxCallMs = 40_000;
const clockJumpMs = 31_000;
const jumpThresholdMs = 5_000;

export const renderLabel = (label: Label): string => (typeof label === 'string' ? label : label());

/** Runs the effect of a call and returns a function that delivers its result to the caller. */
const runEffect = <T>(
  effect: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): (() => void) => {
  try {
    const value = effect();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
};

/** Step of an actor, or a crash. `at`: ms since the start. */
export interface TraceEntry {
  step: number;
  at: number;
  actor: string;
  label: Label;
}

/**
 * Cooperative scheduler of a deterministic simulation: in each step, the seeded generator picks one runnable task and
 * advances the clock. Time passes only here.
 */
export const createScheduler = (
  random: Random,
  rates: SchedulingRates,
  start: number,
  observe: (entry: TraceEntry) => void,
): Scheduler => {
  const tasks: Task[] = [];
  let now = start;
  let steps = 0;
  let clockJumpCount = 0;
  let last: Actor | undefined;
  let currentActor: Actor | undefined;

  const record = (actor: string, label: Label): void => {
    observe({ step: steps, at: now - start, actor, label });
  };

  const suspend = (actor: Actor, label: Label, run: () => void, more: Partial<Task> = {}): void => {
    if (actor.dead) return;
    tasks.push({ actor, label, run, wakeAt: now, isIdle: false, enqueuedAt: now, ...more });
  };

  const canRun = ({ wakeAt, ready }: Task): boolean => wakeAt <= now && (!ready || ready());

  const removeTask = (index: number): Task | undefined => {
    const chosen = tasks[index];
    const end = tasks.pop();
    if (chosen !== end && end) tasks[index] = end;
    return chosen;
  };

  /** Indexes of runnable tasks. Tasks of frozen actors are included only if no other task can run. */
  const candidates = (): number[] => {
    const runnable: number[] = [];
    const notFrozen: number[] = [];
    for (const [index, task] of tasks.entries()) {
      if (!canRun(task)) continue;
      runnable.push(index);
      if (task.actor.frozenUntil <= steps) notFrozen.push(index);
    }
    return notFrozen.length > 0 ? notFrozen : runnable;
  };

  const chooseTask = (runnable: readonly number[]): number => {
    if (last && random.chance(rates.bursts)) {
      const own = runnable.filter((index) => tasks[index]?.actor === last);
      if (own.length > 0) return random.pick(own);
    }
    return random.pick(runnable);
  };

  /** Latest time to which the clock may advance so that no call in flight exceeds its longest duration. */
  const latestTime = (): number => {
    let latest = Number.POSITIVE_INFINITY;
    for (const { isIdle, enqueuedAt } of tasks)
      if (!isIdle) latest = Math.min(latest, enqueuedAt + maxCallMs);
    return latest;
  };

  const advanceClock = (ms: number): void => {
    const next = Math.max(now, Math.min(now + ms, latestTime()));
    if (next > now + jumpThresholdMs) clockJumpCount += 1;
    if (next > now + 1_000) record('clock', `advances ${next - now} ms`);
    now = next;
  };

  const maybeAdvanceClock = (): void => {
    if (random.chance(rates.clockJumps)) advanceClock(clockJumpMs);
    else if (random.chance(rates.clockTicks))
      advanceClock(random.chance(0.2) ? 1_500 : 1 + random.below(60));
    else if (random.chance(0.3)) now += 1;
  };

  const advanceToNextWake = (): boolean => {
    let soonest = Number.POSITIVE_INFINITY;
    for (const { wakeAt, ready } of tasks) if (!ready) soonest = Math.min(soonest, wakeAt);
    if (!Number.isFinite(soonest)) return false;
    now = Math.max(now, soonest);
    return true;
  };

  const advance = (): boolean => {
    steps += 1;
    maybeAdvanceClock();
    const runnable = candidates();
    if (runnable.length === 0) return advanceToNextWake();
    const chosen = removeTask(chooseTask(runnable));
    if (!chosen) return false;
    last = chosen.actor;
    if (random.chance(rates.freezes)) last.frozenUntil = steps + 10 + random.below(60);
    record(chosen.actor.name, chosen.label);
    chosen.run();
    return true;
  };

  const call: Scheduler['call'] = (actor, label, effect) =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        currentActor = actor;
        const respond = runEffect(effect, resolve, reject);
        if (actor.dead) return;
        if (random.chance(rates.slowResponses))
          suspend(actor, () => `response: ${renderLabel(label)}`, respond);
        else respond();
      };
      suspend(actor, label, run);
    });

  const sleep: Scheduler['sleep'] = (actor, ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const wakeAt = now + Math.max(0, Math.ceil(ms));
      signal?.addEventListener('abort', () => resolve(), { once: true });
      suspend(actor, 'wakes', resolve, { wakeAt, isIdle: true });
    });

  const crash: Scheduler['crash'] = (actor) => {
    record(actor.name, 'CRASHES');
    const own = tasks.filter((task) => task.actor === actor);
    const rest = tasks.filter((task) => task.actor !== actor);
    tasks.splice(0, tasks.length, ...rest);
    actor.dead = true;
    const inFlight = own.filter(({ isIdle }) => !isIdle && random.chance(0.5));
    for (const task of inFlight) task.run();
  };

  return {
    now: () => now,
    step: () => steps,
    currentActor: () => currentActor,
    actor: (name) => ({ name, dead: false, frozenUntil: 0 }),
    call,
    sleep,
    until: (actor, label, ready) =>
      new Promise((resolve) => {
        suspend(actor, label, resolve, { ready, isIdle: true });
      }),
    crash,
    advance,
    clockJumpCount: () => clockJumpCount,
  };
};
