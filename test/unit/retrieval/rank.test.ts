import { describe, expect, it } from 'vitest';
import { rank } from '../../../shared/core/retrieval/rank.ts';
import { analyze } from '../../../shared/domain/memory/analyzer.ts';
import { ask, candidatesOf, dayMs, minilm, scoresOf } from './candidates.ts';

describe('ranking by words', () => {
  it('the best match is ranked first, with its position and what was compared', () => {
    const candidates = candidatesOf(
      { text: 'bought a new car' },
      { text: 'adopted a grey cat from the shelter' },
    );

    const [first] = ask('which cat was adopted?', candidates);

    expect(first).toMatchObject({
      id: 'memory-1',
      index: 1,
      parts: { semantic: 0, entity: 0, coverage: 1, identifiers: 0, rareWords: 2, context: 0 },
    });
    expect(first?.parts.bm25).toBeGreaterThan(0.5);
  });

  it('a text without any word of the query has the score 0', () => {
    expect(scoresOf('grey cat', candidatesOf({ text: 'bought a new car' }))).toEqual([0]);
  });

  it('one more matching word never lowers the score of a text of the same length', () => {
    const words = ['grey', 'cat', 'garden', 'sunday', 'climbed'];
    const others = ['blue', 'car', 'motorway', 'winter', 'crashed'];
    const candidates = candidatesOf(
      ...Array.from({ length: 6 }, (_, matching) => ({
        text: [...words.slice(0, matching), ...others.slice(matching)].join(' '),
      })),
    );

    const scores = scoresOf(words.join(' '), candidates);

    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(new Set(scores).size).toBe(6);
  });

  it('a rare word adds more to the score than a common one', () => {
    const candidates = candidatesOf(
      { text: 'anna sings' },
      { text: 'anna runs' },
      { text: 'anna hums' },
      { text: 'a tuba' },
    );

    const [first] = ask('anna tuba', candidates);

    expect(first?.id).toBe('memory-3');
  });

  it('document frequencies of the index are used', () => {
    const candidates = candidatesOf({ text: 'alpha song' }, { text: 'omega song' });

    const [first] = ask('alpha omega', candidates, {
      statistics: { documents: 1000, averageLength: 2, frequencies: { alpha: 900, omega: 2 } },
    });

    expect(first?.id).toBe('memory-1');
  });

  it('names of Object methods are matched like other words', () => {
    const candidates = candidatesOf(
      { text: 'the constructor failed' },
      { text: 'the build failed' },
    );

    const scores = scoresOf('constructor valueOf __proto__', candidates);

    expect(scores[0]).toBeGreaterThan(0.1);
    expect(scores[1]).toBe(0);
  });

  it.each([
    ['猫', '我养了一只猫', '我住在北京'],
    ['東京', '私は東京に住んでいます', '猫が好きです'],
    ['🎉', 'we moved 🏡🎉', 'nothing new 🏡'],
  ])('the query %s finds the text that contains it', (query, hit, miss) => {
    const scores = scoresOf(query, candidatesOf({ text: hit }, { text: miss }));

    expect(scores[0]).toBeGreaterThan(0.3);
    expect(scores[1]).toBeLessThan(0.1);
  });
});

describe('order', () => {
  const same = [
    { id: 'b', text: 'a cat', observedAt: 5 * dayMs },
    { id: 'a', text: 'a cat', observedAt: 9 * dayMs },
    { id: 'c', text: 'a cat', observedAt: 1 * dayMs },
    { id: 'd', text: 'a cat', observedAt: 1 * dayMs },
  ];

  it('candidates with equal scores are ordered newest first, then by id', () => {
    expect(ask('dog', candidatesOf(...same)).map(({ id }) => id)).toEqual(['a', 'b', 'd', 'c']);
  });

  it('the ranking does not depend on the order of the candidates', () => {
    const texts = ['grey cat', 'a cat', 'grey sky', 'the cat sleeps', 'jazz', 'cat food in May'];
    const candidates = candidatesOf(...texts.map((text) => ({ text })));

    const there = ask('grey cat', candidates).map(({ id, score }) => ({ id, score }));
    const back = ask('grey cat', candidates.toReversed()).map(({ id, score }) => ({ id, score }));

    expect(back).toEqual(there);
  });

  it('ranking no candidates returns an empty list', () => {
    expect(ask('cat', [])).toEqual([]);
  });

  it('a result says the cosine, a named person and the lift by its context', () => {
    const [match, reply] = candidatesOf(
      { text: 'Ana adopted a grey cat', observedAt: dayMs, session: 'run', semantic: 0.6 },
      { text: 'the cat is called Momo', observedAt: dayMs + 1, session: 'run', semantic: 0.4 },
      { text: 'jazz' },
    );

    const ranked = rank({
      query: 'Which cat did Ana adopt?',
      queryTerms: analyze('Which cat did Ana adopt?'),
      candidates: [match, reply].flatMap((candidate) => candidate ?? []),
      model: minilm,
    });

    expect(ranked[0]?.parts).toMatchObject({ semantic: 0.6, entity: 1 });
    expect(ranked[1]?.parts.context).toBeGreaterThan(0);
  });
});

describe('whose fact', () => {
  const homes = candidatesOf(
    { text: "User's sister lives in Berlin.", semantic: 0.62 },
    { text: 'User lives in Oslo.', semantic: 0.57 },
  );

  it('a question about the person prefers facts about the person', () => {
    expect(ask('Where do I live?', homes)[0]?.id).toBe('memory-1');
  });

  it('a question about a relative prefers facts about the relative', () => {
    expect(ask('Where does my sister live?', homes)[0]?.id).toBe('memory-0');
  });
});
