import { describe, expect, it } from 'vitest';
import { ask, candidatesOf, minilm, scoresOf } from './candidates.ts';

describe('further answers', () => {
  const options = { model: minilm, lowersMarks: true };
  const query = 'Which instruments do I play?';
  const certain = { text: 'User plays the cello and other instruments.', semantic: 0.7 };
  const weak = [0.26, 0.24, 0.22, 0.2, 0.1, 0].map((semantic) => ({
    text: 'User practises the organ on Sundays.',
    semantic,
  }));

  it('a weak paraphrase is related beside a certain answer, and unrelated without one', () => {
    const [alone] = scoresOf(query, candidatesOf(...weak.slice(1)), options);
    const [, beside, , , , far] = scoresOf(query, candidatesOf(certain, ...weak.slice(1)), options);

    expect(alone).toBeLessThan(0.1);
    expect(beside).toBeGreaterThan(0.3);
    expect(far).toBeLessThan(0.1);
  });

  it.each([
    [5, 3],
    [12, 3],
    [20, 5],
    [60, 10],
  ])('of %i turns the best %i need less evidence', (turns, eased) => {
    const similar = Array.from({ length: turns - 1 }, (_, at) => ({
      text: 'User practises the organ on Sundays.',
      semantic: 0.26 - at / 10_000,
    }));

    const scores = scoresOf(query, candidatesOf(certain, ...similar), options);

    expect(scores.filter((score) => score >= 0.3)).toHaveLength(eased);
  });

  it('the certain answer keeps its score', () => {
    const candidates = candidatesOf(certain, ...weak);

    expect(scoresOf(query, candidates, options)[0]).toBeCloseTo(
      scoresOf(query, candidates, { model: minilm })[0] ?? 0,
      10,
    );
  });

  it('a query without any related candidate has the same scores as before', () => {
    const candidates = candidatesOf(...weak.slice(1));

    expect(scoresOf(query, candidates, options)).toEqual(
      scoresOf(query, candidates, { model: minilm }),
    );
  });

  it('no score is lowered, and the order of the candidates stays', () => {
    const between = [0.3, 0.33, 0.36, 0.4, 0.5, 0.6].map((semantic) => ({
      ...certain,
      text: 'User practises the organ on Sundays.',
      semantic,
    }));
    const candidates = candidatesOf(certain, ...between, ...weak);

    const before = ask(query, candidates, { model: minilm });
    const after = ask(query, candidates, options);

    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    for (const [at, { score }] of after.entries())
      expect(score).toBeGreaterThanOrEqual((before[at]?.score ?? 1) - 1e-12);
  });
});
