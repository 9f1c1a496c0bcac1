import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { analyze } from '../../shared/domain/memory/analyzer.ts';
import type { Conversation } from './locomo.ts';
import { askProgram, isPeerInstalled } from './programs.ts';

/** Usual parameters of BM25. */
const k1 = 1.2;
const b = 0.75;

const countsOf = (text: string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const term of analyze(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
};

/**
 * Plain BM25 over the utterances with their speakers. Returns a function from a question to the turns that have a word of it, best
 * first.
 */
export const plainBm25 = ({ utterances }: Conversation): ((question: string) => number[]) => {
  const documents = utterances.map(({ text }) => countsOf(text));
  const lengths = documents.map((counts) => [...counts.values()].reduce((x, y) => x + y, 0));
  const average = lengths.reduce((x, y) => x + y, 0) / lengths.length;
  const frequencies = new Map<string, number>();
  for (const counts of documents)
    for (const term of counts.keys()) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  const idf = (term: string): number => {
    const frequency = frequencies.get(term) ?? 0;
    return Math.log(1 + (documents.length - frequency + 0.5) / (frequency + 0.5));
  };
  const weightOf = (term: string, turn: number): number => {
    const count = documents[turn]?.get(term) ?? 0;
    const norm = k1 * (1 - b + (b * (lengths[turn] ?? 0)) / average);
    return (idf(term) * count * (k1 + 1)) / (count + norm);
  };
  return (question) => {
    const terms = [...new Set(analyze(question))];
    const scores = documents.map((_, turn) =>
      terms.reduce((sum, term) => sum + weightOf(term, turn), 0),
    );
    return [...scores.keys()]
      .filter((turn) => (scores[turn] ?? 0) > 0)
      .sort((x, y) => (scores[y] ?? 0) - (scores[x] ?? 0));
  };
};

/** A memory of the service, with the turn that it is of. */
export interface SharedFact {
  text: string;
  turn: number;
}

/**
 * Gives facts to mem0ai/oss as they are, with the same embedder, and asks questions of it. Returns the turns of each question's results,
 * best first; undefined where it is not installed.
 */
export const askPeerForTurns = async (
  facts: readonly SharedFact[],
  questions: readonly string[],
  topK: number,
  vectors: string | undefined,
): Promise<number[][] | undefined> => {
  if (!isPeerInstalled()) return undefined;
  const input = join(tmpdir(), `turnstone-peer-${process.pid}.json`);
  writeFileSync(input, JSON.stringify({ topK, facts, questions }));
  try {
    const order = { input, ...(vectors === undefined ? {} : { vectors }) };
    return await askProgram('peer-locomo.ts', order, z.array(z.array(z.number())));
  } finally {
    rmSync(input, { force: true });
  }
};
