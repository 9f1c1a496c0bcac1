import { type Candidate, type RankRequest, rank } from '../../../shared/core/retrieval/rank.ts';
import { analyze, countTerms } from '../../../shared/domain/memory/analyzer.ts';

export const dayMs = 24 * 60 * 60 * 1000;

/** The embedded model, for whose cosines the coefficients are fitted. */
export const minilm = 'minilm-l6-v2@384';

/** Candidates with default fields, each observed a day after the previous one. */
export const candidatesOf = (...given: (Partial<Candidate> & { text: string })[]): Candidate[] =>
  given.map((fields, i) => ({
    id: `memory-${i}`,
    terms: countTerms(`${fields.speaker ?? ''} ${fields.text}`),
    observedAt: (i + 1) * dayMs,
    lineage: [`turn-${i}`],
    session: `turn-${i}`,
    ...fields,
  }));

type Options = Pick<RankRequest, 'statistics' | 'model' | 'lowersMarks'>;

export const ask = (
  query: string,
  candidates: readonly Candidate[],
  options: Options = { model: minilm },
) => rank({ query, queryTerms: analyze(query), candidates, ...options });

/** Scores by position of the candidates. */
export const scoresOf = (
  query: string,
  candidates: readonly Candidate[],
  options?: Options,
): number[] =>
  ask(query, candidates, options)
    .sort((a, b) => a.index - b.index)
    .map(({ score }) => score);
