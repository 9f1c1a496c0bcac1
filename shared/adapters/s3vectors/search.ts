import { chunksOf } from '../../domain/chunks-of.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Tagged } from '../../domain/memory/entities.ts';
import { matcherOf } from '../../domain/memory/filter-matcher.ts';
import { and, type PushdownFilter, pushedDown } from '../../domain/memory/pushdown.ts';
import { rankByBm25, termIndices } from '../../domain/memory/rank-by-terms.ts';
import { unpackWeights, type Weights } from '../../domain/memory/term-weights.ts';
import type { IndexHit, IndexQuery, IndexResult } from '../../ports/vector-index.ts';
import type { VectorBucket, VectorQuery } from './client.ts';
import { indexesOf, labelOf, partsForQuery, type SearchPart, type VectorLayout } from './layout.ts';
import { namesIn, readMetadata } from './metadata.ts';
import { placeholderVector, storableVector } from './record.ts';
import type { FoundWords, Words } from './words.ts';

/** Enough that the words of most owners need no second query for their cosines. */
const minMatches = 100;
/** Limits of the service for one query. */
const maxMatches = 10_000;
const maxConditions = 100;

interface Candidate {
  id: string;
  index: string;
  named: Tagged;
  weights: Weights;
}

type Near = Candidate & { score: number };

/** Conditions that a filter consists of. Each value of a list counts, which is how we read the limit of the service. */
const conditionsIn = (filter: unknown): number => {
  if (Array.isArray(filter))
    return filter.reduce((sum: number, part) => sum + conditionsIn(part), 0);
  if (typeof filter !== 'object' || filter === null) return 1;
  return Object.values(filter).reduce((sum: number, part) => sum + conditionsIn(part), 0);
};

/** Filter of the query's classes, of the labels of a part, and of its conditions as far as they fit; `isWhole`: all of them do. */
const filterOf = (
  { project, classes, filter = { all: [] } }: IndexQuery,
  { labels }: Pick<SearchPart, 'labels'>,
): { filter: PushdownFilter; isWhole: boolean } => {
  const parts: PushdownFilter[] = [
    classes.length > 0 && { class: { $in: classes } },
    { entities: { $in: labels } },
  ];
  let isWhole = true;
  for (const condition of 'all' in filter ? filter.all : [filter]) {
    const part = pushedDown(condition, namesIn(project));
    if (part === true) continue;
    // Leaves a condition for the model.
    if (conditionsIn([...parts, part]) < maxConditions) parts.push(part);
    else isWhole = false;
  }
  return { filter: and(parts), isWhole };
};

/** Depth of a search whose filter the service does not have whole. */
const minFilteredMatches = 2_000;

const topKOf = ({ limit }: IndexQuery): number => Math.min(maxMatches, Math.max(minMatches, limit));

/** Vector of the query, if it has one that can be compared, and its model. */
const denseOf = ({ dense }: IndexQuery): { model: string; vector: number[] } | undefined => {
  const vector = dense && storableVector(dense.vector);
  return dense && vector && { model: dense.model, vector };
};

const uniqueById = <T extends { id: string }>(found: readonly T[]): T[] => [
  ...new Map(found.map((one) => [one.id, one])).values(),
];

/**
 * Hybrid search. By meaning: one query for each index that the partitions lie in, and one more for the cosines of entries that only
 * their words found. By words: over the newest 2,000 entries of each partition, from the store; where a partition has more, and for a
 * whole project, over the nearest entries as well, whose words are in their metadata.
 */
export const createSearch = (bucket: VectorBucket, words: Words, layout: VectorLayout) => {
  const ask = async (
    filter: PushdownFilter,
    query: Omit<VectorQuery, 'filter'>,
  ): Promise<Near[]> => {
    if (filter === false) return [];
    const found = await bucket.query({
      ...query,
      ...(filter === true ? {} : { filter: JSON.parse(JSON.stringify(filter)) }),
    });
    return found.map(({ metadata, distance }) => {
      const { entry, terms, named } = readMetadata(metadata);
      const weights = unpackWeights(terms);
      return { id: entry, index: query.index, named, weights, score: 1 - distance };
    });
  };

  const nearest = async (
    query: IndexQuery,
    vector: readonly number[],
    model?: string,
  ): Promise<Near[]> => {
    const parts = partsForQuery(query.project, query.partitions, layout);
    const found = await mapConcurrent(parts, (part) => {
      const { filter, isWhole } = filterOf(query, part);
      return ask(and([filter, model === undefined || { model: { $eq: model } }]), {
        index: part.index,
        vector,
        topK: isWhole ? topKOf(query) : Math.max(topKOf(query), minFilteredMatches),
      });
    });
    return uniqueById(found.flat());
  };

  /** Entries whose words were read that the query may find. */
  const findable = (
    { project, classes, filter }: IndexQuery,
    { entries }: FoundWords,
  ): Candidate[] => {
    const passes = matcherOf(filter ?? { all: [] });
    return uniqueById(entries).flatMap(({ id, words: { class: of, terms, target, isPartial } }) => {
      if (!classes.includes(of) || !(isPartial || passes(target))) return [];
      const [index = ''] = indexesOf(project, target, layout);
      const { entities, extraEntities } = target;
      const named = { entities, ...(extraEntities ? { extraEntities } : {}) };
      return [{ id, index, named, weights: unpackWeights(terms) }];
    });
  };

  /** Cosines of entries that the first query did not return. */
  const cosinesOf = async (
    { project }: IndexQuery,
    { model, vector }: { model: string; vector: readonly number[] },
    unknown: readonly Candidate[],
  ): Promise<Near[]> => {
    const size = maxConditions - 10;
    const asked = [...Map.groupBy(unknown, ({ index }) => index)].flatMap(([index, found]) =>
      chunksOf(
        found.map(({ id }) => id),
        size,
      ).map((ids) => ({ index, ids })),
    );
    const found = await mapConcurrent(asked, ({ index, ids }) => {
      const filter = and([
        { entities: { $in: [labelOf(project, 'project')] } },
        { entry: { $in: ids } },
        { model: { $eq: model } },
      ]);
      return ask(filter, { index, vector, topK: ids.length });
    });
    return found.flat();
  };

  /** Entries that have a word of the query, best first. */
  const lexical = async (
    query: IndexQuery,
    terms: readonly number[],
    near: Promise<Near[]> | undefined,
  ): Promise<Candidate[]> => {
    if (terms.length === 0) return [];
    const read = await words.newest(query.project, query.partitions);
    const candidates = findable(query, read);
    if (!read.isComplete)
      candidates.push(...(await (near ?? nearest(query, placeholderVector(layout.dimension)))));
    const found = candidates.filter(({ weights }) => terms.some((term) => weights.has(term)));
    return rankByBm25(terms, uniqueById(found));
  };

  return async (query: IndexQuery): Promise<IndexResult> => {
    const { limit, classes } = query;
    const dense = denseOf(query);
    if (classes.length === 0) return { hits: [] };
    const nearing = dense && nearest(query, dense.vector, dense.model);
    const [near = [], lexicalHits] = await Promise.all([
      nearing,
      lexical(query, termIndices(query.terms), nearing),
    ]);
    const byMeaning = near.toSorted((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
    const best = uniqueById<Candidate>([
      ...byMeaning.slice(0, limit),
      ...lexicalHits.slice(0, limit),
    ]);

    const cosines = new Map(byMeaning.map(({ id, score }) => [id, score]));
    const unknown = best.filter(({ id }) => !cosines.has(id));
    if (dense && byMeaning.length >= topKOf(query))
      for (const { id, score } of await cosinesOf(query, dense, unknown)) cosines.set(id, score);
    const hits = best.map(({ id, named }): IndexHit => {
      const semantic = cosines.get(id);
      return { id, ...named, ...(semantic === undefined ? {} : { semantic }) };
    });
    return { hits };
  };
};
