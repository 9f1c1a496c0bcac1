import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { jobKey } from '../../../shared/domain/table/keys.ts';
import type { Assumptions } from './assumptions.ts';
import { openInstallation } from './installation.ts';
import { replaceTimeouts } from './virtual-time.ts';

/** Time in which a scope takes all its adds, and the index has settled. */
const fillMs = 600_000;
const maxMs = 3_600_000;
const addsPerSecond = 10;

export interface DeletionResult {
  /** From the request until the job is done. */
  minutes: number;
  writeUnits: number;
  readUnits: number;
  /** US dollars of the table. */
  dollars: number;
  erased: boolean;
}

/** Deletes all memories of one user, each of a turn of its own, and measures until nothing is left. */
export const measureDeletion = async (
  assumed: Assumptions,
  memories: number,
): Promise<DeletionResult> => {
  const installation = openInstallation(assumed);
  const { time, capacity, project } = installation;
  const restore = replaceTimeouts(time);
  try {
    const entities = { user: 'user-1' };
    const start = time.exact();
    for (let number = 0; number < memories; number++)
      time.at(start + (number * 1_000) / addsPerSecond, () => {
        const content = `I moved to town ${number} last week.`;
        const messages = [{ role: 'user' as const, content }];
        void installation.add({ entities, messages, metadata: {}, options: { infer: true } });
      });
    await time.runUntil(start + (memories * 1_000) / addsPerSecond + fillMs);
    const before = { ...capacity.total };
    const began = time.exact();
    const platform = installation.outside();
    let [isDone, endedAt] = [false, 0];
    const run = async (): Promise<void> => {
      const begun = await deleteAll(platform, project, entities);
      if (begun.outcome !== 'begun') throw new Error(begun.outcome);
      while (await platform.store.get(jobKey(project, begun.event))) await time.sleep(1_000);
      [isDone, endedAt] = [true, time.exact()];
    };
    void run();
    await time.runUntil(began + maxMs, () => isDone);
    const writeUnits = capacity.total.writeUnits - before.writeUnits;
    const readUnits = capacity.total.readUnits - before.readUnits;
    const { prices } = assumed;
    const millionths = writeUnits * prices.writeUnits + readUnits * prices.readUnits;
    const minutes = (endedAt - began) / 60_000;
    return { minutes, writeUnits, readUnits, dollars: millionths / 1_000_000, erased: isDone };
  } finally {
    restore();
  }
};
