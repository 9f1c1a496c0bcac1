import type { Filter } from '../../domain/memory/filter.ts';
import { matcherOf } from '../../domain/memory/filter-matcher.ts';
import type { IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { statisticsOf } from './collection-statistics.ts';
import type { VectorPartition } from './vector-partition.ts';
import {
  best,
  type FilterFn,
  lexicalScores,
  type Scores,
  semanticScores,
} from './vector-scores.ts';

/** Judges each entry once, however many scores ask. */
const toFilterFn = (filter: Filter | undefined): FilterFn => {
  if (!filter) return () => true;
  const matches = matcherOf(filter);
  const judged = new Map<string, boolean>();
  return ({ id, target }) => {
    const kept = judged.get(id) ?? matches(target);
    judged.set(id, kept);
    return kept;
  };
};

const merge = (parts: readonly Scores[]): Scores => {
  const [only, ...others] = parts;
  return only && others.length === 0 ? only : new Map(parts.flatMap((scores) => [...scores]));
};

/** The best by meaning and the best by words, of all that the filter keeps of the partitions; exact. */
export const search = (
  partitions: readonly VectorPartition[],
  { dense, terms, filter, limit }: IndexQuery,
): IndexResult => {
  const keeps = toFilterFn(filter);
  const statistics = statisticsOf(partitions, [...new Set(terms)]);
  const lexical = merge(partitions.map((partition) => lexicalScores(partition, statistics, keeps)));
  const semantic = merge(
    dense ? partitions.map((partition) => semanticScores(partition, dense, keeps)) : [],
  );
  const found = new Set([...best(semantic, limit), ...best(lexical, limit)]);

  const hitsIn = ({ entries }: VectorPartition): IndexHit[] =>
    [...found].flatMap((id) => {
      const entry = entries.get(id);
      // Answered by the first partition that holds it.
      if (!entry || !found.delete(id)) return [];
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
