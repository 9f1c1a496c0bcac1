import { describe, expect, it } from 'vitest';
import { ask, candidatesOf, dayMs, scoresOf } from './candidates.ts';

const question = 'Which grey cat from the shelters did you adopt?';
const match = {
  text: 'which shelters gave the grey cat away',
  observedAt: 10 * dayMs,
  semantic: 0.6,
};
const others = [{ text: 'jazz' }, { text: 'tennis' }];

describe('context', () => {
  it('the neighbour of a match is raised if it matches itself', () => {
    const near = { text: 'we adopted it in May', observedAt: 10 * dayMs + 1000, semantic: 0.2 };
    const far = { ...near, observedAt: 90 * dayMs };

    const beside = scoresOf(question, candidatesOf(match, near, ...others));
    const apart = scoresOf(question, candidatesOf(match, far, ...others));

    expect(beside[1]).toBeGreaterThan(apart[1] ?? 1);
  });

  it.each([0, 0.02, 0.05, undefined])(
    'a neighbour with the cosine %s is not raised',
    (semantic) => {
      const near = {
        text: 'The printer is on the third floor.',
        observedAt: 10 * dayMs + 1000,
        ...(semantic === undefined ? {} : { semantic }),
      };

      const [, printer] = ask(question, candidatesOf(match, near, ...others)).sort(
        (a, b) => a.index - b.index,
      );

      expect(printer?.parts.context).toBe(0);
      expect(printer?.score).toBeLessThan(0.1);
    },
  );

  it('a match of its own raises the lift of a context, step by step', () => {
    const lifts = [0.05, 0.1, 0.15, 0.2].map((semantic) => {
      const near = { text: 'we were so happy', observedAt: 10 * dayMs + 1000, semantic };
      const beside = scoresOf(question, candidatesOf(match, near, ...others))[1] ?? 0;
      const alone = scoresOf(question, candidatesOf(near, ...others))[0] ?? 0;
      return beside / alone;
    });

    expect(lifts).toEqual(lifts.toSorted((a, b) => a - b));
    expect(lifts[0]).toBe(1);
  });

  it.each([
    ['another run', { session: 'run-2' }],
    ['no run', {}],
    ['the same run, two hours later', { session: 'run-1', observedAt: 10 * dayMs + 7_200_000 }],
  ])('a candidate of %s is no neighbour', (_, changed) => {
    const inRun = { ...match, session: 'run-1' };
    const reply = { text: 'we adopted it in May', semantic: 0.2, observedAt: 10 * dayMs + 1 };

    const contextOf = (fields: object) =>
      ask(question, candidatesOf(inRun, { ...reply, ...fields }, ...others)).find(
        ({ index }) => index === 1,
      )?.parts.context;

    expect(contextOf({ session: 'run-1' })).toBeGreaterThan(0);
    expect(contextOf(changed)).toBe(0);
  });

  it('a memory and the message it was drawn from are no context of each other', () => {
    const place = { lineage: ['turn'], position: 1, session: 'turn', observedAt: 10 * dayMs };
    const memory = { ...match, ...place, text: 'User adopted a grey cat', id: 'm' };
    const message = { ...match, ...place, text: 'I adopted a grey cat' };

    const ranked = ask(question, candidatesOf(memory, message, ...others));

    expect(ranked.map(({ parts }) => parts.context)).toEqual([0, 0, 0, 0]);
  });

  it('messages of one turn are neighbours', () => {
    const place = { lineage: ['turn'], session: 'turn', observedAt: 10 * dayMs };
    const first = { ...match, ...place, position: 0 };
    const reply = { text: 'we adopted it in May', semantic: 0.2, ...place, position: 1 };

    const [, answer] = ask(question, candidatesOf(first, reply, ...others));

    expect(answer?.parts.context).toBeGreaterThan(0);
  });
});
