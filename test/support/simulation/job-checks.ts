import { isDeletedByCutoff } from '../../../shared/core/cutoffs.ts';
import type { Item, ItemKind, Job } from '../../../shared/domain/table/items.ts';
import type { CheckContext } from './check-context.ts';
import { writesOf } from './history.ts';
import type { Write } from './memory-table.ts';

const itemsOf = <K extends ItemKind>({ table }: CheckContext, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

/** Nothing that the delete-all covers is live, closed, or listed for an erasure. */
const checkErased = (context: CheckContext, { id, match, before }: Job): void => {
  for (const memory of itemsOf(context, 'MEMORY')) {
    if (memory.stagedBy || !isDeletedByCutoff(memory, [{ match, before }])) continue;
    if (memory.state !== 'deleted' || memory.erasing)
      context.report(`the delete-all ${id} succeeded before memory ${memory.id} was erased`);
  }
};

/** Each deletion by the job is counted once. */
const checkCounts = (context: CheckContext, { id }: Job, counts: Job['counts']): void => {
  const deleted = itemsOf(context, 'REV').filter(
    ({ type, event }) => type === 'DELETE' && event === id,
  );
  if (counts.memories !== deleted.length)
    context.report(
      `the delete-all ${id} counted ${counts.memories} memories and deleted ${deleted.length}`,
    );
};

/** Proves of every delete-all, when it succeeds, that all it covers is erased, and that it counted what it did. */
export const checkJobs = (context: CheckContext, writes: readonly Write[]): void => {
  const [event] = writesOf(writes, 'EVENT');
  for (const { before: job, after } of writesOf(writes, 'JOB')) {
    if (!job || after || job.kind !== 'delete_all') continue;
    checkErased(context, job);
    if (event?.after?.counts) checkCounts(context, job, event.after.counts);
  }
};
