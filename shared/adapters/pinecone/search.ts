import type { IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { every, pushedDown } from './filter.ts';
import { rankByBm25 } from './idf.ts';
import { mapConcurrent } from './map-concurrent.ts';
import { entityLabel, namedIn } from './metadata.ts';
import { namespacesForQuery } from './namespace.ts';
import {
  type Match,
  type NamespaceQuery,
  type NamespaceSearch,
  type Target,
  termIndices,
} from './namespace-search.ts';
import { unitVector } from './record.ts';

const targetsOf = (query: IndexQuery, buckets: number): Target[] => {
  const filter = query.filter ? pushedDown(query.filter) : true;
  return namespacesForQuery(query.project, query.partitions, buckets)
    .map(({ namespace, entities }) => ({
      namespace,
      filter: every([
        entities.length === 0 || { entities: { $in: entities.map(entityLabel) } },
        filter,
      ]),
    }))
    .filter((target) => target.filter !== false);
};

const toNamespaceQuery = (
  { dense, terms, limit }: IndexQuery,
  dimension: number,
): NamespaceQuery => {
  const vector = dense && unitVector(dense.vector);
  return {
    ...(dense && vector ? { dense: { model: dense.model, vector } } : {}),
    terms: termIndices(terms),
    dimension,
    limit,
  };
};

/** An entry that several namespaces hold, once. */
const eachOnce = <T extends Match>(matches: readonly T[]): T[] => [
  ...new Map(matches.map((match) => [match.id, match])).values(),
];

/** Cosines of matches that were found by their words only: there are some when more is near than one answer holds. */
const cosinesOf = async (
  search: NamespaceSearch,
  asked: NamespaceQuery,
  matches: readonly Match[],
): Promise<Match[]> => {
  const { dense } = asked;
  const unknown = matches.filter(({ metadata }) => dense && metadata['model'] === dense.model);
  const places = [...Map.groupBy(unknown, ({ namespace }) => namespace)];
  const found = await mapConcurrent(places, ([namespace, entries]) =>
    search.nearest(
      { namespace, filter: true },
      asked,
      entries.map(({ id }) => id),
    ),
  );
  return found.flat();
};

/**
 * The best by meaning and the best by words of all places, two requests for each. Where more is found than one answer
 * holds, one or two more follow: for the words weighed by how rare they are, and for the cosines of what only words found.
 */
export const searchPlaces = async (
  search: NamespaceSearch,
  query: IndexQuery,
  { buckets, dimension }: { buckets: number; dimension: number },
): Promise<IndexResult> => {
  const asked = toNamespaceQuery(query, dimension);
  const found = await mapConcurrent(targetsOf(query, buckets), (target) =>
    Promise.all([search.nearest(target, asked), search.lexicalMatches(target, asked)]),
  );
  const near = eachOnce(found.flatMap(([nearest]) => nearest)).sort(
    (a, b) => b.score - a.score || (a.id < b.id ? -1 : 1),
  );
  const lexicalMatches = rankByBm25(asked.terms, eachOnce(found.flatMap(([, words]) => words)));
  const best = eachOnce<Match>([
    ...near.slice(0, query.limit),
    ...lexicalMatches.slice(0, query.limit),
  ]);

  const cosines = new Map(near.map(({ id, score }) => [id, score]));
  const unknown = best.filter(({ id }) => !cosines.has(id));
  for (const { id, score } of await cosinesOf(search, asked, unknown)) cosines.set(id, score);

  const hits = best.map(({ id, metadata }): IndexHit => {
    const semantic = cosines.get(id);
    return { id, ...namedIn(metadata), ...(semantic === undefined ? {} : { semantic }) };
  });
  return { hits };
};
