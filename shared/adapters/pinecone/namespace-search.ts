import type { RecordMetadata } from '@pinecone-database/pinecone';
import { and, type PushdownFilter } from '../../domain/memory/pushdown.ts';
import { idfOf } from '../../domain/memory/rank-by-terms.ts';
import { unpackWeights, type Weights } from '../../domain/memory/term-weights.ts';
import type { Call } from './client.ts';
import { sparseVector } from './sparse.ts';

/** Entry in the result of a query. */
export interface Match {
  id: string;
  namespace: string;
  score: number;
  metadata: RecordMetadata;
}

export type LexicalMatch = Match & { weights: Weights };

/** Part of a namespace that a query searches. */
export interface SearchTarget {
  namespace: string;
  filter: PushdownFilter;
}

export interface NamespaceQuery {
  /** Dense query vector, compared with entries of the same model only. */
  dense?: { model: string; vector: readonly number[] };
  /** Indices of the query terms in the sparse vectors. */
  terms: readonly number[];
  /** Dimension of the index. */
  dimension: number;
  limit: number;
}

/** Lower bound of the score of an entry that shares a term with the query; all others score less. */
const minTermScore = 1e-4;
/** Factor of the dense part in a lexical query: too small to outweigh a term, but it guides the approximate search. */
const denseTieBreak = 1e-6;
/** Limit of the service for one query. */
const maxMatches = 10_000;
/** Enough to estimate document frequencies, and more entries than most users have. */
const minMatches = 200;

const textOf = (value: RecordMetadata[string] | undefined): string =>
  typeof value === 'string' ? value : '';

/** Queries against single namespaces. Read-only, so safe to retry and to run concurrently. */
export const createNamespaceSearch = (call: Call, host: string) => {
  const query = async (
    { namespace, filter }: SearchTarget,
    body: {
      vector: readonly number[];
      sparse?: Weights;
      topK: number;
      includeMetadata: boolean;
    },
  ) => {
    if (filter === false) return { matches: [], indexedLsn: undefined };
    const sparse = body.sparse && sparseVector(body.sparse);
    const { result, response } = await call((sdk) =>
      sdk.index({ host }).query({
        namespace,
        vector: [...body.vector],
        ...(sparse ? { sparseVector: sparse } : {}),
        topK: body.topK,
        ...(filter === true ? {} : { filter }),
        includeMetadata: body.includeMetadata,
      }),
    );
    const matches = (result?.matches ?? []).map(
      ({ id, score = 0, metadata = {} }): Match => ({ id, namespace, score, metadata }),
    );
    return { matches, indexedLsn: response.indexedLsn };
  };

  const topKOf = ({ limit }: NamespaceQuery): number =>
    Math.min(maxMatches, Math.max(minMatches, limit));

  /**
   * Nearest entries by cosine, `only` these if given. All vectors have length one, so the dot product is the cosine.
   */
  const nearest = async (
    target: SearchTarget,
    namespaceQuery: NamespaceQuery,
    only?: readonly string[],
  ) => {
    const { dense } = namespaceQuery;
    if (!dense) return [];
    const filter = and([
      target.filter,
      { model: { $eq: dense.model } },
      only === undefined || { entry: { $in: only } },
    ]);
    const { matches } = await query(
      { ...target, filter },
      {
        vector: dense.vector,
        topK: only?.length ?? topKOf(namespaceQuery),
        includeMetadata: only === undefined,
      },
    );
    return matches;
  };

  const queryBySparse = async (
    target: SearchTarget,
    namespaceQuery: NamespaceQuery,
    weights: Weights,
  ) => {
    const { dense, dimension } = namespaceQuery;
    const vector = dense
      ? dense.vector.map((value) => value * denseTieBreak)
      : Array.from({ length: dimension }, () => 0);
    const topK = topKOf(namespaceQuery);
    const { matches } = await query(target, {
      vector,
      sparse: weights,
      topK,
      includeMetadata: true,
    });
    const lexical = matches
      .filter(({ score }) => score > minTermScore)
      .map(
        (match): LexicalMatch => ({
          ...match,
          weights: unpackWeights(textOf(match.metadata['terms'])),
        }),
      );
    return { lexical, isComplete: lexical.length < topK };
  };

  /**
   * Entries that share a term with the query. The service knows no document frequencies; if there are more matches than
   * one response holds, a second query weighs the terms by the idf within the first response, so that common terms do not
   * crowd out a rare one.
   */
  const lexicalMatches = async (
    target: SearchTarget,
    namespaceQuery: NamespaceQuery,
  ): Promise<LexicalMatch[]> => {
    const { terms } = namespaceQuery;
    if (terms.length === 0) return [];
    const first = await queryBySparse(
      target,
      namespaceQuery,
      new Map(terms.map((term) => [term, 1])),
    );
    if (first.isComplete || terms.length === 1) return first.lexical;
    const second = await queryBySparse(target, namespaceQuery, idfOf(terms, first.lexical));
    return [...first.lexical, ...second.lexical];
  };

  return {
    nearest,
    lexicalMatches,
    /** Ids of these entries that a query finds now, and the log sequence number that the query covers. */
    async findEntries(namespace: string, entries: readonly string[], dimension: number) {
      const vector = Array.from({ length: dimension }, (_, i) => (i === 0 ? 1 : 0));
      const { matches, indexedLsn } = await query(
        { namespace, filter: { entry: { $in: entries } } },
        { vector, topK: entries.length, includeMetadata: false },
      );
      return { ids: new Set(matches.map(({ id }) => id)), indexedLsn };
    },
  };
};

export type NamespaceSearch = ReturnType<typeof createNamespaceSearch>;
