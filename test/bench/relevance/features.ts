import { lexicalScores } from '../../../shared/core/retrieval/lexical-scores.ts';
import { smoothedIdf, tf } from '../../../shared/domain/bm25.ts';
import { analyze } from '../../../shared/domain/memory/analyzer.ts';
import { roles } from '../../../shared/domain/memory/turn.ts';
import type { IndexResult } from '../../../shared/ports/vector-index.ts';

export interface FeatureQuery {
  query: string;
  queryTerms: readonly string[];
  statistics: NonNullable<IndexResult['statistics']>;
}

export interface FeatureCandidate {
  text: string;
  /** Stems of the index text with their counts. */
  terms: { readonly [stem: string]: number };
  /** Cosine with the query, when both have a vector. */
  cosine?: number;
}

/** Features of a query and a candidate. None depends on the other candidates. */
export interface Features {
  /** BM25 score as a share of the query's score on itself, 0..1. */
  bm25: number;
  /** Share of the query's words that the candidate has, each weighted by its idf, 0..1. */
  coverage: number;
  /** 0 when unknown. */
  cosine: number;
  /** Number of the query's identifiers that the text has exactly: numbers, model names, ticket ids. */
  identifiers: number;
  /** Number of the query's other words that the candidate has and hardly any other document. */
  rareWords: number;
  /** Number of names in the text that the query has. */
  names: number;
}

/** More of a count makes a candidate no more relevant. */
const maxCount = 2;

/** Inputs of a linear model, in a fixed order: the features, with counts bounded. */
export const inputsOf = ({
  bm25,
  coverage,
  cosine,
  identifiers,
  rareWords,
  names,
}: Features): { [input in keyof Features]: number } => ({
  bm25,
  coverage,
  cosine,
  identifiers: Math.min(maxCount, identifiers),
  rareWords: Math.min(maxCount, rareWords),
  names: Math.min(maxCount, names),
});

/** Share of the documents, at least one document, in which a rare word occurs. */
const rareShare = 0.02;
/** Length of the start of a text in which identifiers and names are looked for. */
const maxScannedChars = 2_000;

/** Word whose parts may be joined by punctuation: 4411, HL-L2350DW, release/24.11. */
const joinedWord = /[\p{L}\p{N}]+(?:[_./:#@-][\p{L}\p{N}]+)*/gu;
/** A single digit identifies nothing. */
const minIdentifierLength = 2;

const scanned = (text: string): string => text.slice(0, maxScannedChars);

/** Words with a digit, in small letters. */
const identifiersIn = (text: string): Set<string> =>
  new Set(
    [...scanned(text).toLowerCase().matchAll(joinedWord)]
      .map(([found]) => found)
      .filter((found) => found.length >= minIdentifierLength && /\d/.test(found)),
  );

const capitalizedWord = /(^|[.!?:]\s+|[^\p{L}\p{N}'’-])(\p{Lu}[\p{L}\p{M}\p{N}]+)/gu;
const isRole = (word: string): boolean => roles.some((role) => role === word.toLowerCase());

/** Capitalized words of a text, without roles, and whether each opens a sentence. */
const capitalizedIn = (text: string): { word: string; opens: boolean }[] =>
  [...scanned(text).matchAll(capitalizedWord)].flatMap(([, before = '', word = '']) =>
    isRole(word) ? [] : [{ word, opens: before === '' || /[.!?:]/.test(before) }],
  );

const countShared = (own: Iterable<string>, others: ReadonlySet<string>): number =>
  [...own].filter((item) => others.has(item)).length;

/** Returns a function that computes the features of each candidate for a query. */
export const featuresOf = ({ query, queryTerms, statistics }: FeatureQuery) => {
  const stems = [...new Set(queryTerms)];
  const asked = new Set(stems);
  const identifiers = identifiersIn(query);
  const askedNames = new Set(capitalizedIn(query).map(({ word }) => word));
  const identifierStems = new Set([...identifiers].flatMap(analyze));
  const frequencyOf = (stem: string): number => tf(statistics.frequencies, stem);
  const idfs = stems.map((stem) => smoothedIdf(statistics.documents, frequencyOf(stem)));
  const totalIdf = idfs.reduce((sum, idf) => sum + idf, 0);
  const maxRare = Math.max(1, rareShare * statistics.documents);
  const rare = stems.filter((stem) => frequencyOf(stem) <= maxRare && !identifierStems.has(stem));

  /** The opening word of a sentence is a name only where the query has it with a capital, too. */
  const sharedNames = (text: string): Set<string> =>
    new Set(
      capitalizedIn(text)
        .filter(({ word, opens }) => !opens || askedNames.has(word))
        .filter(({ word }) => analyze(word).every((stem) => asked.has(stem)))
        .map(({ word }) => word),
    );

  return ({ text, terms, cosine = 0 }: FeatureCandidate): Features => ({
    bm25: lexicalScores(stems, [terms], statistics)[0] ?? 0,
    coverage:
      totalIdf === 0
        ? 0
        : stems.reduce((sum, stem, i) => sum + (tf(terms, stem) > 0 ? (idfs[i] ?? 0) : 0), 0) /
          totalIdf,
    cosine,
    identifiers: countShared(identifiers, identifiersIn(text)),
    rareWords: rare.filter((stem) => tf(terms, stem) > 0).length,
    names: sharedNames(text).size,
  });
};
