import { describe, expect, it } from 'vitest';
import { contextScores } from '../../../shared/core/retrieval/context-scores.ts';
import { lexicalScores } from '../../../shared/core/retrieval/lexical-scores.ts';
import { analyze } from '../../../shared/domain/memory/analyzer.ts';
import { candidatesOf } from './candidates.ts';

const conversation = { session: 'run', observedAt: 1 };

/** Scores of the context of texts that follow each other in one conversation. */
const contextOf = (query: string, texts: readonly string[]) => {
  const candidates = candidatesOf(
    ...texts.map((text, at) => ({ text, ...conversation, position: at, lineage: ['turn'] })),
  );
  const words = lexicalScores(
    analyze(query),
    candidates.map(({ terms }) => terms),
  );
  const relevance = words.coverage;
  return { ...contextScores(candidates, relevance, words), words };
};

describe('words around a text', () => {
  const query = 'grey cat shelter';

  it('words that a text has itself are not added to it', () => {
    const { completedBefore, completedAfter } = contextOf(query, [
      'grey cat',
      'a grey cat',
      'cat, grey',
    ]);

    expect([...completedBefore, ...completedAfter]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('words that a text lacks are added by the texts before and after it', () => {
    const { completedBefore, completedAfter, words } = contextOf(query, [
      'a shelter',
      'the cat',
      'so grey',
    ]);
    const [grey, cat, shelter] = words.shares;

    expect(completedBefore[1]).toBeCloseTo(shelter ?? 0);
    expect(completedAfter[1]).toBeCloseTo(grey ?? 0);
    expect(completedBefore[0]).toBe(0);
    expect(completedAfter[0]).toBeCloseTo((cat ?? 0) + 0.67 * (grey ?? 0));
  });

  it('a word counts once, in the nearest text that has it, and not from the fourth on', () => {
    const { completedBefore, words } = contextOf(query, [
      'cat',
      'grey',
      'shelter',
      'shelter',
      'jazz',
    ]);
    const [grey, , shelter] = words.shares;

    expect(completedBefore[4]).toBeCloseTo((shelter ?? 0) + 0.33 * (grey ?? 0));
  });

  it('a text after a question that has words of the query may answer it', () => {
    const { answers } = contextOf(query, ['Where is the cat?', 'Over there.', 'Why?', 'A cat!']);

    expect(answers[1]).toBeGreaterThan(0);
    expect([answers[0], answers[2], answers[3]]).toEqual([0, 0, 0]);
  });

  it('texts of other conversations add nothing', () => {
    const candidates = candidatesOf(
      { text: 'the cat', session: 'run-1', observedAt: 1 },
      { text: 'a grey shelter?', session: 'run-2', observedAt: 1 },
    );
    const words = lexicalScores(
      analyze(query),
      candidates.map(({ terms }) => terms),
    );

    const { completedBefore, completedAfter, answers } = contextScores(
      candidates,
      words.coverage,
      words,
    );

    expect([...completedBefore, ...completedAfter, ...answers]).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe('further memories of a message', () => {
  const contextWith = (...fields: { position: number; isMessage?: true; semantic: number }[]) => {
    const candidates = candidatesOf(
      ...fields.map((of) => ({ text: 'grey cat', ...conversation, lineage: ['turn'], ...of })),
    );
    const words = lexicalScores(
      analyze('grey cat'),
      candidates.map(({ terms }) => terms),
    );
    return contextScores(candidates, words.coverage, words);
  };

  it('only the memory that matches best repeats none', () => {
    const { repeats } = contextWith(
      { position: 0, semantic: 0.2 },
      { position: 0, semantic: 0.4 },
      { position: 0, semantic: 0.3 },
      { position: 0, semantic: 0.9, isMessage: true },
    );

    expect([...repeats]).toEqual([1, 0, 1, 0]);
  });

  it('memories of other messages repeat none', () => {
    const { repeats } = contextWith({ position: 0, semantic: 0.2 }, { position: 1, semantic: 0.4 });

    expect([...repeats]).toEqual([0, 0]);
  });
});
