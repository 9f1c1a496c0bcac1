import type { Change } from '../domain/memory/change.ts';
import { isFinal } from '../domain/memory/event.ts';
import type { Turn } from '../domain/memory/turn.ts';
import type { Hold, OpenTask, ScopeTasks } from '../domain/processing.ts';
import { type History, writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

/** A task as the log counts it. */
interface CountedTask {
  scope: string;
  through: string;
  releases: boolean;
  /** Turns that were pending when it was made. */
  turns: readonly string[];
  added: number;
  updated: number;
  hasFailure: boolean;
}

interface WaitingTurn {
  scope: string;
  hold?: Hold | undefined;
}

/** Record of what may be refined and of what tasks have to count, independent of what the service stores. */
export interface ProcessingLog {
  record(writes: readonly Write[]): void;
  /** Reports turns that wait at the end although they may not. */
  checkWaiting(): void;
  /** Reports a request that was answered with a task without one of these turns. */
  checkCovers(task: string, turns: readonly string[]): void;
}

export const createProcessingLog = (
  history: History,
  now: () => number,
  report: (what: string) => void,
): ProcessingLog => {
  const pending = new Map<string, WaitingTurn>();
  /** Holds of all turns, also of those that have ended. */
  const holds = new Map<string, WaitingTurn>();
  /** By scope: the newest turn that was ever released. */
  const released = new Map<string, string>();
  const tasks = new Map<string, CountedTask>();

  const release = (scope: string, through: string): void => {
    if (through > (released.get(scope) ?? '')) released.set(scope, through);
  };

  const isReached = (turns: readonly WaitingTurn[]): boolean => {
    const found = turns.flatMap(({ hold }) => hold ?? []);
    const messages = found.reduce((sum, hold) => sum + hold.messages, 0);
    const isIdle = found.some(({ idleAt }) => idleAt !== undefined && idleAt <= now());
    return (
      isIdle || found.some(({ threshold }) => threshold !== undefined && messages >= threshold)
    );
  };

  /** A release by number or idle time needs messages that are pending, or were cancelled since. */
  const checkRelease = ({ scope, releasedThrough = '' }: ScopeTasks): void => {
    const turns = [...holds].filter(
      ([id, turn]) =>
        turn.scope === scope &&
        id <= releasedThrough &&
        (pending.has(id) || history.turns.get(id)?.turn.state === 'cancelled'),
    );
    if (!isReached(turns.map(([, turn]) => turn)))
      report(`turns up to ${releasedThrough} were released, but may wait`);
  };

  const newTask = (scope: string, through: string, releases: boolean): CountedTask => ({
    scope,
    through,
    releases,
    turns: [...pending].flatMap(([id, turn]) =>
      turn.scope === scope && id <= through ? [id] : [],
    ),
    added: 0,
    updated: 0,
    hasFailure: false,
  });

  const recordRelease = (before: ScopeTasks | undefined, after: ScopeTasks): void => {
    const { scope, releasedThrough } = after;
    if (releasedThrough === undefined || releasedThrough === before?.releasedThrough) return;
    checkRelease(after);
    release(scope, releasedThrough);
  };

  const recordTasks = (before: ScopeTasks | undefined, after: ScopeTasks | undefined): void => {
    if (!after) return;
    const { scope } = after;
    recordRelease(before, after);
    for (const { id, through, releases } of after.open) {
      if (releases) release(scope, through);
      if (!tasks.has(id)) tasks.set(id, newTask(scope, through, releases));
    }
  };

  const covering = (turn: string, scope: string): CountedTask[] =>
    [...tasks.values()].filter((task) => task.scope === scope && turn <= task.through);

  const recordEnd = (id: string, task: CountedTask, status: string, learnt: Partial<OpenTask>) => {
    tasks.delete(id);
    if (learnt.added !== task.added || learnt.updated !== task.updated)
      report(
        `task ${id} counts ${learnt.added} and ${learnt.updated} instead of ${task.added} and ${task.updated}`,
      );
    if (status === 'CANCELLED') return;
    if ((status === 'FAILED') !== task.hasFailure) report(`task ${id} ended as ${status}`);
    // The work item of a cancelled turn may come back for a moment.
    const isLeft = task.turns.some(
      (turn) => pending.has(turn) && history.turns.get(turn)?.turn.state === 'pending',
    );
    if (isLeft && task.releases) report(`task ${id} ended before its turns`);
  };

  const recordPending = (writes: readonly Write[]): void => {
    for (const { key, after } of writesOf(writes, 'PEND')) {
      const id = key.sk.slice('PEND#'.length);
      if (!after) pending.delete(id);
      else {
        const { scope, hold } = after;
        pending.set(id, { scope, hold });
        holds.set(id, { scope, hold });
        if (!hold) release(scope, id);
      }
    }
  };

  const recordApplied = ({ id, scope }: Turn, changes: readonly Change[]): void => {
    if (holds.get(id)?.hold && id > (released.get(scope) ?? ''))
      report(`turn ${id} was refined while it had to wait`);
    const count = (type: string) => changes.filter((change) => change.type === type).length;
    for (const task of covering(id, scope)) {
      task.added += count('ADD');
      task.updated += count('UPDATE');
    }
  };

  const recordFailed = ({ id, scope }: Turn): void => {
    for (const task of covering(id, scope)) task.hasFailure = true;
  };

  const recordTurns = (writes: readonly Write[]): void => {
    const changes = writesOf(writes, 'CHANGES').flatMap(({ after }) => after?.changes ?? []);
    for (const { before, after } of writesOf(writes, 'TURN')) {
      const ended = before?.state === 'pending' ? after : undefined;
      if (ended?.state === 'applied') recordApplied(ended, changes);
      if (ended?.state === 'failed') recordFailed(ended);
    }
  };

  const recordEvents = (writes: readonly Write[]): void => {
    for (const { before, after } of writesOf(writes, 'EVENT')) {
      if (after?.kind !== 'PROCESS' || !isFinal(after.status) || !before) continue;
      const task = tasks.get(after.id);
      if (task) recordEnd(after.id, task, after.status, after.learnt ?? {});
      else report(`task ${after.id} ended twice`);
    }
  };

  return {
    record(writes) {
      recordTurns(writes);
      recordPending(writes);
      for (const { before, after } of writesOf(writes, 'TASKS')) recordTasks(before, after);
      recordEvents(writes);
    },
    checkWaiting() {
      const sorted = [...pending].toSorted(([a], [b]) => (a < b ? -1 : 1));
      const scopes = Map.groupBy(sorted, ([, { scope }]) => scope);
      for (const [scope, turns] of scopes) {
        const isFree = turns.some(([, { hold }]) => !hold);
        const newest = turns.findLastIndex(([, { hold }]) => hold?.threshold !== undefined);
        const counted = turns.slice(0, newest + 1).map(([, turn]) => turn);
        if (isFree || isReached(counted))
          report(`turns of ${scope} wait although they may be refined`);
      }
      for (const id of tasks.keys()) report(`task ${id} never ended`);
    },
    checkCovers(id, turns) {
      const through = tasks.get(id)?.through;
      const missed = turns.find(
        (turn) => through !== undefined && pending.has(turn) && turn > through,
      );
      if (missed !== undefined) report(`task ${id} does not cover the older turn ${missed}`);
    },
  };
};
