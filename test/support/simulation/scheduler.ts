import type { Random } from './random.ts';

/** Whoever makes calls: a client, a reader, a worker process. A dead one's calls never answer. */
export interface Actor {
  name: string;
  dead: boolean;
  frozenUntil: number;
}

/** What a step was, told only when someone asks. */
export type Label = string | (() => string);

interface Waiting {
  actor: Actor;
  label: Label;
  run(): void;
  /** When it may run: at a time, or once something holds. */
  wakeAt: number;
  ready?: () => boolean;
  /** Waits for time or work, rather than for an answer under way. */
  idle: boolean;
  since: number;
}

export interface Pace {
  /** Chance that an answer is under way for a while after its call took effect. */
  slowAnswers: number;
  /** Chance that a step lets time pass, and that it is long enough for a lease to run out. */
  ticks: number;
  stalls: number;
  /** Chance that an actor stands still for a while. */
  freezes: number;
  /** Chance that whoever ran last runs again. */
  bursts: number;
}

export interface Scheduler {
  now(): number;
  /** Counts the steps so far: what happened in one step happened at once. */
  step(): number;
  actor(name: string): Actor;
  /** Whose call takes effect in this step. */
  acting(): Actor | undefined;
  /** Takes effect when it is picked, not before; its answer may take longer. */
  call<T>(actor: Actor, label: Label, effect: () => T): Promise<T>;
  sleep(actor: Actor, ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves some time after `ready` holds. */
  until(actor: Actor, label: Label, ready: () => boolean): Promise<void>;
  /** Its calls never answer; those under way may still take effect. */
  crash(actor: Actor): void;
  /** Runs one step after the other until `isOver`, or nothing can ever happen any more. */
  run(isOver: () => boolean, between: () => void): Promise<void>;
  /** How often so much time passed at once that leases ran out. */
  leaps(): number;
  /** What happened lately. */
  trace(): string[];
}

const traceLength = Number(process.env['TRACE'] ?? 60);
const longestWait = 40_000;
const stallMs = 31_000;
const leapMs = 5_000;

const say = (label: Label): string => (typeof label === 'string' ? label : label());

/** What a call leads to is sure once it took effect; when its caller learns of it is another matter. */
const answerOf = <T>(
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

const attempt = (act: () => void, fail: (error: unknown) => void): void => {
  try {
    act();
  } catch (error) {
    fail(error);
  }
};

/** Picks, with the chances of one seed, what happens next. */
export const createScheduler = (random: Random, pace: Pace, start: number): Scheduler => {
  const queued: Waiting[] = [];
  const past: { step: number; at: number; actor: string; label: Label }[] = [];
  let now = start;
  let steps = 0;
  let leaps = 0;
  let last: Actor | undefined;
  let acting: Actor | undefined;

  const note = (actor: string, label: Label): void => {
    past.push({ step: steps, at: now - start, actor, label });
    if (past.length > 4 * traceLength) past.splice(0, past.length - traceLength);
  };

  const suspend = (
    actor: Actor,
    label: Label,
    run: () => void,
    more: Partial<Waiting> = {},
  ): void => {
    if (actor.dead) return;
    queued.push({ actor, label, run, wakeAt: now, idle: false, since: now, ...more });
  };

  const canRun = ({ wakeAt, ready }: Waiting): boolean => wakeAt <= now && (!ready || ready());

  const take = (index: number): Waiting | undefined => {
    const chosen = queued[index];
    const end = queued.pop();
    if (chosen !== end && end) queued[index] = end;
    return chosen;
  };

  /** Positions of what can run, without those who stand still while others can go on. */
  const candidates = (): number[] => {
    const able: number[] = [];
    const awake: number[] = [];
    for (const [index, entry] of queued.entries()) {
      if (!canRun(entry)) continue;
      able.push(index);
      if (entry.actor.frozenUntil <= steps) awake.push(index);
    }
    return awake.length > 0 ? awake : able;
  };

  const choose = (able: readonly number[]): number => {
    if (last && random.chance(pace.bursts)) {
      const own = able.filter((index) => queued[index]?.actor === last);
      if (own.length > 0) return random.pick(own);
    }
    return random.pick(able);
  };

  /** The latest time to which nobody's call would have been under way for too long. */
  const limit = (): number => {
    let latest = Number.POSITIVE_INFINITY;
    for (const { idle, since } of queued) if (!idle) latest = Math.min(latest, since + longestWait);
    return latest;
  };

  const pass = (ms: number): void => {
    const next = Math.max(now, Math.min(now + ms, limit()));
    if (next > now + leapMs) leaps += 1;
    if (next > now + 1_000) note('time', `passes ${next - now} ms`);
    now = next;
  };

  const letTimePass = (): void => {
    if (random.chance(pace.stalls)) pass(stallMs);
    else if (random.chance(pace.ticks)) pass(random.chance(0.2) ? 1_500 : 1 + random.below(60));
    else if (random.chance(0.3)) now += 1;
  };

  const jump = (): boolean => {
    let soonest = Number.POSITIVE_INFINITY;
    for (const { wakeAt, ready } of queued) if (!ready) soonest = Math.min(soonest, wakeAt);
    if (!Number.isFinite(soonest)) return false;
    now = Math.max(now, soonest);
    return true;
  };

  const perform = (): boolean => {
    steps += 1;
    letTimePass();
    const able = candidates();
    if (able.length === 0) return jump();
    const chosen = take(choose(able));
    if (!chosen) return false;
    last = chosen.actor;
    if (random.chance(pace.freezes)) last.frozenUntil = steps + 10 + random.below(60);
    note(chosen.actor.name, chosen.label);
    chosen.run();
    return true;
  };

  const call: Scheduler['call'] = (actor, label, effect) =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        acting = actor;
        const answer = answerOf(effect, resolve, reject);
        if (actor.dead) return;
        if (random.chance(pace.slowAnswers)) suspend(actor, () => `answer: ${say(label)}`, answer);
        else answer();
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
      suspend(actor, 'wakes', resolve, { wakeAt, idle: true });
    });

  const run: Scheduler['run'] = (isOver, between) =>
    new Promise((resolve, reject) => {
      const turn = (): void => {
        if (isOver() || !perform()) resolve();
        else {
          between();
          queueMicrotask(next);
        }
      };
      // A tick asked for by a microtask comes when no microtask is left: everyone has gone as far as they can.
      const next = (): void => process.nextTick(() => attempt(turn, reject));
      next();
    });

  const crash: Scheduler['crash'] = (actor) => {
    note(actor.name, 'CRASHES');
    const mine = queued.filter((entry) => entry.actor === actor);
    const rest = queued.filter((entry) => entry.actor !== actor);
    queued.splice(0, queued.length, ...rest);
    actor.dead = true;
    const underWay = mine.filter(({ idle }) => !idle && random.chance(0.5));
    for (const entry of underWay) entry.run();
  };

  return {
    now: () => now,
    step: () => steps,
    acting: () => acting,
    actor: (name) => ({ name, dead: false, frozenUntil: 0 }),
    call,
    sleep,
    until: (actor, label, ready) =>
      new Promise((resolve) => {
        suspend(actor, label, resolve, { ready, idle: true });
      }),
    crash,
    run,
    leaps: () => leaps,
    trace: () =>
      past
        .slice(-traceLength)
        .map(
          ({ step, at, actor, label }) =>
            `${String(step).padStart(5)} ${(at / 1000).toFixed(3).padStart(9)}s ${actor.padEnd(10)} ${say(label)}`,
        ),
  };
};
