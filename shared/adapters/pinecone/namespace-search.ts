import type { RecordMetadata } from '@pinecone-database/pinecone';
import type { Call } from './client.ts';
import { every, type Pushed } from './filter.ts';
import { idfOf } from './idf.ts';
import { indexOfTerm, sparseVector, unpackWeights, type Weights } from './sparse.ts';

/** An entry a query answered. */
export interface Match {
  id: string;
  namespace: string;
  score: number;
  metadata: RecordMetadata;
}

export type LexicalMatch = Match & { weights: Weights };

/** One namespace, and what of it is searched. */
export interface Target {
  namespace: string;
  filter: Pushed;
}

export interface NamespaceQuery {
  dense?: { model: string; vector: readonly number[] };
  terms: readonly number[];
  dimension: number;
  limit: number;
}

/** Of an entry that shares a term with the query, the score is above; of one that does not, below. */
const minTermScore = 1e-4;
/** Weak enough not to count beside a term, and enough for the service to look in the right region first. */
const denseTieBreak = 1e-6;
const maxMatches = 10_000;
/** So many tell how common a term is, and hold all that most people ever said. */
const minMatches = 200;

/** The terms as dimensions, each once. */
export const termIndices = (terms: readonly string[]): number[] => [
  ...new Set(terms.map(indexOfTerm)),
];

const textOf = (value: RecordMetadata[string] | undefined): string =>
  typeof value === 'string' ? value : '';

export const createNamespaceSearch = (call: Call, host: string) => {
  const query = async (
    { namespace, filter }: Target,
    body: {
      vector: readonly number[];
      sparse?: Weights;
      topK: number;
      includeMetadata: boolean;
    },
  ) => {
    if (filter === false) return { matches: [], indexed: undefined };
    const sparse = body.sparse && sparseVector(body.sparse);
    const { result, answered } = await call((sdk) =>
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
    return { matches, indexed: answered.indexed };
  };

  const topKOf = ({ limit }: NamespaceQuery): number =>
    Math.min(maxMatches, Math.max(minMatches, limit));

  /** The nearest by cosine: the vectors are of length one. */
  const nearest = async (target: Target, asked: NamespaceQuery, only?: readonly string[]) => {
    const { dense } = asked;
    if (!dense) return [];
    const filter = every([
      target.filter,
      { model: { $eq: dense.model } },
      only === undefined || { entry: { $in: only } },
    ]);
    const { matches } = await query(
      { ...target, filter },
      {
        vector: dense.vector,
        topK: only?.length ?? topKOf(asked),
        includeMetadata: only === undefined,
      },
    );
    return matches;
  };

  const queryBySparse = async (target: Target, asked: NamespaceQuery, weights: Weights) => {
    const { dense, dimension } = asked;
    const vector = dense
      ? dense.vector.map((value) => value * denseTieBreak)
      : Array.from({ length: dimension }, () => 0);
    const topK = topKOf(asked);
    const { matches } = await query(target, {
      vector,
      sparse: weights,
      topK,
      includeMetadata: true,
    });
    const lexicalMatches = matches
      .filter(({ score }) => score > minTermScore)
      .map(
        (match): LexicalMatch => ({
          ...match,
          weights: unpackWeights(textOf(match.metadata['terms'])),
        }),
      );
    return { lexicalMatches, isAll: lexicalMatches.length < topK };
  };

  /**
   * What shares words with the query. How common a word is, the service does not tell; when more was found than it
   * answers, it is asked again with the words weighed by the first answer, so that a rare one is not crowded out.
   */
  const lexicalMatches = async (target: Target, asked: NamespaceQuery): Promise<LexicalMatch[]> => {
    const { terms } = asked;
    if (terms.length === 0) return [];
    const first = await queryBySparse(target, asked, new Map(terms.map((term) => [term, 1])));
    if (first.isAll || terms.length === 1) return first.lexicalMatches;
    const second = await queryBySparse(target, asked, idfOf(terms, first.lexicalMatches));
    return [...first.lexicalMatches, ...second.lexicalMatches];
  };

  return {
    nearest,
    lexicalMatches,
    /** Which of the entries a query sees now, and how much of the log it knew. */
    async seen(namespace: string, entries: readonly string[], dimension: number) {
      const vector = Array.from({ length: dimension }, (_, i) => (i === 0 ? 1 : 0));
      const { matches, indexed } = await query(
        { namespace, filter: { entry: { $in: entries } } },
        { vector, topK: entries.length, includeMetadata: false },
      );
      return { ids: new Set(matches.map(({ id }) => id)), indexed };
    },
  };
};

export type NamespaceSearch = ReturnType<typeof createNamespaceSearch>;
