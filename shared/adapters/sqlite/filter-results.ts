import type { Filter } from '../../domain/memory/filter.ts';
import { stepMatcherOf } from '../../domain/memory/filter-matcher.ts';
import type { LargePartition } from './large-partition.ts';
import type { SegmentReads } from './segment-rows.ts';

/** Results of the last filters are kept; one of 100,000 entries takes 100 kB. */
const maxFilters = 4;
const targetsPerRead = 500;

const result = { unknown: 0, passes: 1, fails: 2 } as const;

export interface FilterResults {
  /** Returns a test of entries, by slot. Reads the targets of those that were not tested yet. */
  testOf(filter: Filter): (slot: number) => boolean;
}

const targetTestOf = (filter: Filter) => {
  const matches = stepMatcherOf(filter);
  return (target: Parameters<typeof matches>[0]): boolean => {
    const steps = matches(target);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  };
};

/** Creates the results of filters on the entries of a partition, which never change: a new version is a new entry. */
export const createFilterResults = (
  partition: LargePartition,
  reads: SegmentReads,
  { project, name }: { project: string; name: string },
): FilterResults => {
  const kept = new Map<string, Uint8Array>();

  const find = (key: string): Uint8Array => {
    const slots = partition.slots();
    const known = kept.get(key) ?? new Uint8Array(slots);
    const results = known.length < slots ? new Uint8Array(Math.ceil(slots * 1.25)) : known;
    if (results !== known) results.set(known);
    kept.delete(key);
    kept.set(key, results);
    const [oldest] = kept.keys();
    if (kept.size > maxFilters && oldest !== undefined) kept.delete(oldest);
    return results;
  };

  /** Row number before the first entry without a result; undefined if there is none. */
  const untestedAfter = (results: Uint8Array): number | undefined => {
    const classes = partition.classes();
    for (let slot = 0; slot < partition.slots(); slot++)
      if (results[slot] === result.unknown && classes[slot] !== 0)
        return partition.numberOf(slot) - 1;
    return undefined;
  };

  const testAfter = (first: number, filter: Filter, results: Uint8Array): void => {
    const passes = targetTestOf(filter);
    const test = ({ n, target }: ReturnType<SegmentReads['targets']>[number]): void => {
      const slot = partition.slotOf(n);
      if (slot === undefined || results[slot] !== result.unknown) return;
      results[slot] = passes(target) ? result.passes : result.fails;
    };
    let after: number | undefined = first;
    while (after !== undefined && after < partition.lastNumber()) {
      const batch = reads.targets(project, name, after, targetsPerRead);
      batch.forEach(test);
      after = batch.at(-1)?.n;
    }
  };

  return {
    testOf(filter) {
      const results = find(JSON.stringify(filter));
      const after = untestedAfter(results);
      if (after !== undefined) testAfter(after, filter, results);
      return (slot) => results[slot] === result.passes;
    },
  };
};
