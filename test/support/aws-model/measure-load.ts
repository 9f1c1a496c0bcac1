import type { Entities } from '../../../shared/domain/memory/entities.ts';
import { percentile } from '../../bench/stats.ts';
import type { Assumptions } from './assumptions.ts';
import { type Installation, openInstallation } from './installation.ts';
import { replaceTimeouts } from './virtual-time.ts';

/** Load on one project. */
export interface Load {
  name: string;
  entitiesOf(add: number): Entities;
  /** In-flight limit of an endpoint for all events; absent: no endpoint. */
  maxInFlight?: number;
  /** Entries that each namespace, or each index of S3 Vectors, has beforehand. */
  stored?: number;
  /** Number of indexes of S3 Vectors; absent: the index is Pinecone. */
  vectorIndexes?: number;
  /** Only webhooks are loaded: each add is the outbox of a memory, as if a turn had been applied. */
  onlyFacts?: true;
}

export interface LoadResult {
  ratePerSecond: number;
  adds: number;
  failedAdds: number;
  refined: number;
  /** Of the last third of the load, as deliveries. */
  refinedPerSecond: number;
  deliveriesPerSecond: number;
  /**
   * Whether neither a due item nor an unsent delivery was older than a minute, shortly after each sweep, and refinement and POSTs kept up
   * in the last third of the load.
   */
  isSustained: boolean;
  oldestDueMs: number;
  addP99Ms: number;
  refinedP99Ms: number;
  /** From the write that makes a delivery to its POST. */
  postP99Ms: number;
  conflictsPerRefinement: number;
  conflictsByKey: [string, number][];
  hottestKey: { name: string; unitsPerSecond: number };
  /** The same of read units. */
  hottestRead: { name: string; unitsPerSecond: number };
  throttled: number;
  /** Keys, or indexes, whose units were used up. */
  throttledBy: [string, number][];
  sweeperHints: number;
  warnings: [string, number][];
  /** Of one add, until nothing is left to do. */
  cost?: CostOfAdd;
}

export interface CostOfAdd {
  writeUnits: number;
  readUnits: number;
  queueRequests: number;
  gbSeconds: number;
  sweeperHints: number;
  /** US dollars a million adds: services of AWS, and the index. */
  aws: number;
  index: number;
}

const minuteMs = 60_000;
/** Time after a sweep in which its hints are handled. */
const afterSweepMs = 20_000;
const maxOldestMs = 60_000;
/** Whether as much is done in a time as there is to do, but for a share that began before, and for two batches that end at once. */
const isKept = (done: number, toDo: number): boolean => done >= Math.min(0.95 * toDo, toDo - 20);

const largest = (map: ReadonlyMap<string, number>, count: number): [string, number][] =>
  [...map].sort(([, a], [, b]) => b - a).slice(0, count);

const costOf = (
  { capacity, queues, functions, index, sweeps }: Installation,
  adds: number,
  { prices }: Assumptions,
): CostOfAdd => {
  const each = {
    writeUnits: capacity.total.writeUnits / adds,
    readUnits: capacity.total.readUnits / adds,
    queueRequests: queues.total.requests / adds,
    gbSeconds: functions.total.gbSeconds / adds,
  };
  const aws =
    each.writeUnits * prices.writeUnits +
    each.readUnits * prices.readUnits +
    each.queueRequests * prices.queueRequests +
    each.gbSeconds * prices.gbSeconds +
    (functions.total.invocations / adds) * prices.functionRequests +
    prices.gatewayRequests;
  const sweeperHints = sweeps.reduce((sum, { hints }) => sum + hints, 0) / adds;
  return { ...each, sweeperHints, aws, index: index.cost() / adds };
};

/** Applies a load for some minutes and measures; `quietMinutes` without load follow, whose cost belongs to the adds. */
export const measureLoad = async (
  assumed: Assumptions,
  load: Load,
  {
    ratePerSecond,
    minutes,
    quietMinutes = 0,
  }: { ratePerSecond: number; minutes: number; quietMinutes?: number },
): Promise<LoadResult> => {
  const installation = openInstallation(assumed, load);
  const { time, capacity, table, posts } = installation;
  const restore = replaceTimeouts(time);
  try {
    if (load.maxInFlight !== undefined) {
      let isRegistered = false;
      void installation.registerEndpoint(load.maxInFlight).then(() => {
        isRegistered = true;
      });
      await time.runUntil(time.exact() + 1_000, () => isRegistered);
    }
    const start = time.exact();
    const end = start + minutes * minuteMs;
    const addMs: number[] = [];
    let [sent, failedAdds, oldestDueMs] = [0, 0, 0];

    const addOne = async (): Promise<void> => {
      const number = sent;
      sent += 1;
      const began = time.exact();
      try {
        const entities = load.entitiesOf(number);
        const content = `I moved to town ${number} last week.`;
        if (load.onlyFacts)
          await installation.addFact({ memory: `memory-${number}`, user: `user-${number}` });
        else
          await installation.add({
            entities,
            messages: [{ role: 'user', content }],
            metadata: {},
            options: { infer: true },
          });
        addMs.push(time.exact() - began);
      } catch {
        failedAdds += 1;
      }
    };
    const scheduleAdds = (at: number): void => {
      if (at < end)
        time.at(at, () => {
          void addOne();
          scheduleAdds(at + 1_000 / ratePerSecond);
        });
    };
    scheduleAdds(start);
    const lastThird = end - (end - start) / 3;
    const progress = () => ({
      refined: installation.refinedMs.length,
      sent: posts.sent.size,
      made: posts.made(),
    });
    let [before, after] = [progress(), progress()];
    time.at(lastThird, () => {
      before = progress();
    });
    time.at(end, () => {
      after = progress();
    });
    for (let minute = 1; minute < minutes + 1; minute++) {
      const minuteEnd = Math.min(start + minute * minuteMs, end);
      await time.runUntil(minuteEnd);
      await time.runUntil(minuteEnd + afterSweepMs);
      oldestDueMs = Math.max(oldestDueMs, installation.oldestDueMs(), posts.oldestUnsentMs());
      if (oldestDueMs > maxOldestMs && quietMinutes === 0) break;
    }
    const seconds = (Math.min(end, time.exact()) - start) / 1_000;
    await time.runUntil(time.exact() + quietMinutes * minuteMs);
    const conflicts = [...table.conflicts.values()].reduce((sum, count) => sum + count, 0);
    const [[name, units] = ['', 0]] = largest(capacity.used, 1);
    const [[read, readUnits] = ['', 0]] = largest(capacity.usedByReads, 1);
    const third = (end - lastThird) / 1_000;
    const deliveriesPerSecond = (after.sent - before.sent) / third;
    const refinedPerSecond = (after.refined - before.refined) / third;
    const keepsUp =
      (load.onlyFacts || isKept(after.refined - before.refined, ratePerSecond * third)) &&
      isKept(after.sent - before.sent, after.made - before.made);
    return {
      ratePerSecond,
      adds: addMs.length,
      failedAdds,
      refined: installation.refinedMs.length,
      deliveriesPerSecond,
      refinedPerSecond,
      isSustained: oldestDueMs <= maxOldestMs && failedAdds === 0 && keepsUp,
      oldestDueMs,
      addP99Ms: percentile(addMs, 0.99),
      refinedP99Ms: percentile(installation.refinedMs, 0.99),
      postP99Ms: percentile(posts.delaysMs, 0.99),
      conflictsPerRefinement: conflicts / Math.max(1, installation.refinedMs.length),
      conflictsByKey: largest(table.conflicts, 3),
      hottestKey: { name, unitsPerSecond: units / seconds },
      hottestRead: { name: read, unitsPerSecond: readUnits / seconds },
      throttled: capacity.total.throttled,
      throttledBy: largest(capacity.throttledBy, 3),
      sweeperHints: installation.sweeps.reduce((sum, { hints }) => sum + hints, 0),
      warnings: largest(installation.warnings, 5),
      ...(quietMinutes > 0 ? { cost: costOf(installation, addMs.length, assumed) } : {}),
    };
  } finally {
    restore();
  }
};
