import type { IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { collect, entryAt, matchingIn } from './collection.ts';
import type { VectorPartition } from './vector-partition.ts';
import { lexicalScores, scoreEach, selectBest, semanticScores } from './vector-scores.ts';

/**
 * Returns the entries with the best cosine and those with the best BM25 score that pass the filter; exact, by a full
 * scan. Yields now and then, so that other work can run in between; entries written meanwhile may be missing.
 */
export function* search(
  partitions: readonly VectorPartition[],
  { dense, terms, classes, filter, limit }: IndexQuery,
): Generator<undefined, IndexResult> {
  const collection = yield* collect(partitions);
  const matching = yield* matchingIn(collection, classes, filter ?? { all: [] });
  const stems = [...new Set(terms)];
  const { scores: lexical, frequencies } = yield* lexicalScores(collection, matching, stems);
  const compared = dense && (yield* semanticScores(collection, matching, dense, limit));
  yield;
  const best = new Set([
    ...(compared ? selectBest(compared.scores, collection, limit) : []),
    ...selectBest(lexical, collection, limit),
  ]);
  if (compared) yield* scoreEach(compared, best);

  const hits = [...best].flatMap((number): IndexHit[] => {
    const entry = entryAt(collection, number);
    if (!entry) return [];
    const { id, target } = entry;
    const score = compared?.scores[number] ?? Number.NaN;
    return [
      {
        id,
        entities: { ...target.entities },
        ...(target.extraEntities && {
          extraEntities: target.extraEntities.map((entity) => ({ ...entity })),
        }),
        ...(!Number.isNaN(score) && { semantic: score }),
      },
    ];
  });
  const { entries, averageLength } = collection;
  return { hits, statistics: { documents: entries.length, averageLength, frequencies } };
}
