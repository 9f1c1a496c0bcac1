import type { Filter } from '../../domain/memory/filter.ts';
import { matcherOf } from '../../domain/memory/filter-matcher.ts';
import type { EntryClass, IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { statisticsOf } from './collection-statistics.ts';
import type { VectorPartition } from './vector-partition.ts';
import {
  type FilterFn,
  lexicalScores,
  type Scores,
  selectBest,
  semanticScores,
} from './vector-scores.ts';

/** Builds the filter function, which evaluates each entry once for all scores. */
const toFilterFn = (classes: ReadonlySet<EntryClass>, filter: Filter | undefined): FilterFn => {
  if (!filter) return (entry) => classes.has(entry.class);
  const matcher = matcherOf(filter);
  const results = new Map<string, boolean>();
  return ({ id, class: entryClass, target }) => {
    const isMatch = results.get(id) ?? (classes.has(entryClass) && matcher(target));
    results.set(id, isMatch);
    return isMatch;
  };
};

const merge = (parts: readonly Scores[]): Scores => {
  const [only, ...others] = parts;
  return only && others.length === 0 ? only : new Map(parts.flatMap((scores) => [...scores]));
};

/**
 * Returns the entries with the best cosine and those with the best BM25 score that pass the filter; exact, by a full
 * scan.
 */
export const search = (
  partitions: readonly VectorPartition[],
  { dense, terms, classes, filter, limit }: IndexQuery,
): IndexResult => {
  const matches = toFilterFn(new Set(classes), filter);
  const statistics = statisticsOf(partitions, [...new Set(terms)]);
  const lexical = merge(
    partitions.map((partition) => lexicalScores(partition, statistics, matches)),
  );
  const semantic = merge(
    dense ? partitions.map((partition) => semanticScores(partition, dense, matches)) : [],
  );
  const remaining = new Set([...selectBest(semantic, limit), ...selectBest(lexical, limit)]);

  const hitsIn = ({ entries }: VectorPartition): IndexHit[] =>
    [...remaining].flatMap((id) => {
      const entry = entries.get(id);
      // Returned by the first partition that lists the entry.
      if (!entry || !remaining.delete(id)) return [];
      const score = semantic.get(id);
      return [
        {
          id,
          entities: { ...entry.target.entities },
          ...(entry.target.extraEntities && {
            extraEntities: entry.target.extraEntities.map((entity) => ({ ...entity })),
          }),
          ...(score !== undefined && { semantic: score }),
        },
      ];
    });
  return { hits: partitions.flatMap(hitsIn), statistics };
};
