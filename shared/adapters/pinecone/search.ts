import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { and, pushedDown } from '../../domain/memory/pushdown.ts';
import { rankByBm25, termIndices } from '../../domain/memory/rank-by-terms.ts';
import type { IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import { entityLabel, namedIn, names } from './metadata.ts';
import { namespacesForQuery } from './namespace.ts';
import type { Match, NamespaceQuery, NamespaceSearch, SearchTarget } from './namespace-search.ts';
import { unitVector } from './record.ts';

const targetsOf = (query: IndexQuery, buckets: number): SearchTarget[] => {
  const filter = query.filter ? pushedDown(query.filter, names) : true;
  return namespacesForQuery(query.project, query.partitions, buckets)
    .map(({ namespace, entities }) => ({
      namespace,
      filter: and([
        query.classes.length > 0 && { class: { $in: query.classes } },
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

/** Removes duplicates: several namespaces may contain the same entry. */
const uniqueById = <T extends Match>(matches: readonly T[]): T[] => [
  ...new Map(matches.map((match) => [match.id, match])).values(),
];

/**
 * Cosines of matches that only the lexical query found: such matches exist when one response could not hold all near
 * entries.
 */
const cosinesOf = async (
  search: NamespaceSearch,
  namespaceQuery: NamespaceQuery,
  matches: readonly Match[],
): Promise<Match[]> => {
  const { dense } = namespaceQuery;
  const unknown = matches.filter(({ metadata }) => dense && metadata['model'] === dense.model);
  const byNamespace = [...Map.groupBy(unknown, ({ namespace }) => namespace)];
  const found = await mapConcurrent(byNamespace, ([namespace, entries]) =>
    search.nearest(
      { namespace, filter: true },
      namespaceQuery,
      entries.map(({ id }) => id),
    ),
  );
  return found.flat();
};

/**
 * Hybrid search: the best entries by meaning and the best by terms, from all namespaces of the query. Takes two requests
 * per namespace. If there are more matches than one response holds, up to two more follow: one with terms weighed by idf,
 * and one for the cosines of entries that only the lexical query found.
 */
export const searchNamespaces = async (
  search: NamespaceSearch,
  query: IndexQuery,
  { buckets, dimension }: { buckets: number; dimension: number },
): Promise<IndexResult> => {
  const namespaceQuery = toNamespaceQuery(query, dimension);
  const found = await mapConcurrent(targetsOf(query, buckets), (target) =>
    Promise.all([
      search.nearest(target, namespaceQuery),
      search.lexicalMatches(target, namespaceQuery),
    ]),
  );
  const near = uniqueById(found.flatMap(([nearest]) => nearest)).sort(
    (a, b) => b.score - a.score || (a.id < b.id ? -1 : 1),
  );
  const lexical = rankByBm25(
    namespaceQuery.terms,
    uniqueById(found.flatMap(([, matches]) => matches)),
  );
  const best = uniqueById<Match>([...near.slice(0, query.limit), ...lexical.slice(0, query.limit)]);

  const cosines = new Map(near.map(({ id, score }) => [id, score]));
  const unknown = best.filter(({ id }) => !cosines.has(id));
  for (const { id, score } of await cosinesOf(search, namespaceQuery, unknown))
    cosines.set(id, score);

  const hits = best.map(({ id, metadata }): IndexHit => {
    const semantic = cosines.get(id);
    return { id, ...namedIn(metadata), ...(semantic === undefined ? {} : { semantic }) };
  });
  return { hits };
};
