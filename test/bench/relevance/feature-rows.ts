import { writeFileSync } from 'node:fs';
import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import type { Entry } from '../../../shared/core/retrieval/entries.ts';
import { lexicalScores } from '../../../shared/core/retrieval/lexical-scores.ts';
import { queryMeaning } from '../../../shared/core/retrieval/query-meaning.ts';
import {
  type Inputs,
  inputsOf,
  isMatch,
  type RankRequest,
} from '../../../shared/core/retrieval/relevance-inputs.ts';
import { matchingCosines } from '../../../shared/core/retrieval/relevance-weights.ts';
import { retrieve } from '../../../shared/core/retrieval/retrieve.ts';
import type { SettledService } from '../settled-service.ts';
import type { Label } from './dataset.ts';

/** A query with the inputs of all its candidates. */
export interface AskedQuery {
  bench: 'relevance' | 'locomo';
  /** User or conversation. */
  owner: string;
  query: string;
  /** Facts or turns, each with the inputs of its candidates. The best candidate counts. */
  items: { name: string; label: Label | 'nonsense'; rows: number[][] }[];
}

export const inputNames = [
  'bm25',
  'coverage',
  'cosine',
  'cosineFrom20',
  'confirmed',
  'identifiers',
  'unknownCode',
  'rareWords',
  'names',
  'speaker',
  'time',
  'place',
  'amount',
  'reason',
  'anotherPerson',
  'specifics',
  'quotes',
  'ofKind',
  'repeats',
  'anotherCoverage',
  'asked',
  'oneWord',
  'length',
  'states',
  'after',
  'session',
  'completedBefore',
  'completedAfter',
  'answers',
  'cosinesAround',
] as const satisfies readonly (keyof Inputs)[];

/**
 * Computes the inputs of every candidate that matches at all, by what it stands for.
 * @param labels items that count although no candidate may stand for them
 */
export const itemsOf = (
  request: RankRequest,
  names: readonly string[],
  labels: ReadonlyMap<string, Label>,
  other: AskedQuery['items'][number]['label'],
): AskedQuery['items'] => {
  const { queryTerms, candidates, statistics, model } = request;
  const documents = candidates.map(({ terms }) => terms);
  const lexical = lexicalScores(queryTerms, documents, statistics);
  const inputsAt = inputsOf(request, lexical, matchingCosines(model));
  const rows = new Map<string, number[][]>([...labels.keys()].map((name) => [name, []]));
  for (const [at, candidate] of candidates.entries()) {
    const name = names[at] ?? '';
    const inputs = inputsAt(candidate, at);
    const own = rows.get(name) ?? [];
    if (isMatch(inputs)) own.push(inputNames.map((input) => Number(inputs[input].toFixed(5))));
    rows.set(name, own);
  }
  return [...rows].map(([name, own]) => ({ name, label: labels.get(name) ?? other, rows: own }));
};

/** Retrieves what a search of a user ranks, with one name for each entry. */
export const retrieveFor = async (
  { platform }: SettledService,
  user: string,
  query: string,
  depth: number,
  nameOf: (entry: Entry) => string,
): Promise<{ request: RankRequest; names: string[] }> => {
  const project = await getOrCreateProject(platform, 'default');
  const retrieved = await retrieve(platform, {
    project: project.id,
    partitions: [{ kind: 'user', id: user }],
    filter: { entity: 'user', is: user },
    queries: [query],
    meanings: [queryMeaning(query)],
    depth,
    showExpired: false,
    messages: 'all',
  });
  const { request, entries } = await retrieved.rankedInContext(0);
  return { request, names: entries.map(nameOf) };
};

/** Appends queries to a file, one a line. */
export const appendQueries = (file: string, queries: readonly AskedQuery[]): void =>
  writeFileSync(file, queries.map((query) => `${JSON.stringify(query)}\n`).join(''), { flag: 'a' });
