import { describe, expect, it } from 'vitest';
import { type Candidate, rank } from '../../../shared/core/retrieval/rank.ts';
import { analyze, countTerms } from '../../../shared/domain/memory/analyzer.ts';

const day = 24 * 60 * 60 * 1000;

/** Candidates with default fields, each observed a day after the previous one. */
const candidatesOf = (...given: (Partial<Candidate> & { text: string })[]): Candidate[] =>
  given.map((fields, i) => ({
    id: `memory-${i}`,
    terms: countTerms(fields.text),
    observedAt: (i + 1) * day,
    lineage: [`turn-${i}`],
    session: `turn-${i}`,
    ...fields,
  }));

const ask = (query: string, candidates: readonly Candidate[]) =>
  rank({ query, queryTerms: analyze(query), candidates });

const scoresOf = (query: string, candidates: readonly Candidate[]): number[] =>
  ask(query, candidates)
    .sort((a, b) => a.index - b.index)
    .map(({ score }) => score);

describe('ranking by words', () => {
  it('the best match is ranked first, with its position among the candidates', () => {
    const candidates = candidatesOf(
      { text: 'bought a new car' },
      { text: 'adopted a grey cat from the shelter' },
    );

    const [first] = ask('which cat was adopted?', candidates);

    expect(first).toMatchObject({ id: 'memory-1', index: 1, parts: { semantic: 0 } });
    expect(first?.parts.lexical).toBeGreaterThan(0.5);
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
      { text: 'Anna sings' },
      { text: 'Anna runs' },
      { text: 'a tuba' },
    );

    const [first] = ask('Anna tuba', candidates);

    expect(first?.id).toBe('memory-2');
  });

  it('document frequencies of the index are used in the lexical score', () => {
    const candidates = candidatesOf({ text: 'alpha song' }, { text: 'omega song' });
    const query = { query: 'alpha omega', queryTerms: ['alpha', 'omega'], candidates };

    const [first] = rank({
      ...query,
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

describe('scores', () => {
  it('clearly related texts score above 0.3 and unrelated ones below 0.1', () => {
    const candidates = candidatesOf(
      { text: 'adopted a grey cat', semantic: 0.6 },
      { text: 'owns a cat', semantic: 0.5 },
      { text: 'has a small feline at home', semantic: 0.6 },
      { text: 'drives to work', semantic: 0.18 },
      { text: 'likes jazz' },
    );

    const scores = scoresOf('grey cat adopted', candidates);

    expect(Math.min(...scores.slice(0, 3))).toBeGreaterThan(0.3);
    expect(Math.max(...scores.slice(3))).toBeLessThan(0.1);
  });

  it('a paraphrase without a shared word scores above the usual threshold', () => {
    // Cosine of this pair by the embedded model.
    const candidates = candidatesOf({ text: 'User is allergic to peanuts.', semantic: 0.24 });

    const [score] = scoresOf('what food should I avoid?', candidates);

    expect(score).toBeGreaterThan(0.1);
  });

  it('scores are within 0..1 for any parts', () => {
    const texts = Array.from({ length: 50 }, () => ({
      text: 'When? cat cat cat yesterday',
      semantic: 1,
      observedAt: 0,
    }));

    for (const score of scoresOf('when did the cat come', candidatesOf(...texts))) {
      expect(score).toBeGreaterThan(0.5);
      expect(score).toBeLessThanOrEqual(1);
    }
  });

  it('candidates without vectors are scored by words on the same scale', () => {
    const text = 'adopted a grey cat';
    const [alone] = scoresOf('grey cat', candidatesOf({ text }));
    const [both] = scoresOf('grey cat', candidatesOf({ text, semantic: 0.55 }));

    expect(Math.abs((alone ?? 0) - (both ?? 0))).toBeLessThan(0.1);
  });

  it('candidates without matching words are scored by similarity alone', () => {
    const semantics = [-1, 0, 0.1, 0.4, 0.6, 0.8];
    const scores = scoresOf(
      'feline',
      candidatesOf(...semantics.map((semantic) => ({ text: 'a cat', semantic }))),
    );

    expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    expect(scores.slice(0, 3)).toEqual([0, 0, 0]);
    expect(scores[4]).toBeGreaterThan(0.3);
  });

  it('the score of a text does not depend on unrelated candidates', () => {
    const statistics = { documents: 500, averageLength: 8, frequencies: { grei: 3, cat: 20 } };
    const request = { query: 'grey cat', queryTerms: analyze('grey cat'), statistics };
    const cat = { text: 'adopted a grey cat' };

    const [alone] = rank({ ...request, candidates: candidatesOf(cat) });
    const [among] = rank({ ...request, candidates: candidatesOf(cat, { text: 'jazz' }) });

    expect(among?.score).toBeCloseTo(alone?.score ?? 0, 10);
  });

  it.each(['', '   ', '?!', '\ud800'])(
    'the query %j without words gives every candidate the score 0',
    (query) => {
      expect(scoresOf(query, candidatesOf({ text: 'a cat' }, { text: '' }))).toEqual([0, 0]);
    },
  );

  it('ranking no candidates returns an empty list', () => {
    expect(ask('cat', [])).toEqual([]);
  });
});

describe('context and boosts', () => {
  it('the neighbour of a match is raised, to at most twice its score', () => {
    const near = { text: 'an answer about shelters', observedAt: 10 * day + 1000 };
    const far = { ...near, observedAt: 90 * day };
    const match = { text: 'which shelters gave the grey cat away', observedAt: 10 * day };
    const others = [{ text: 'jazz' }, { text: 'tennis' }];
    const nothing = { text: 'good morning', observedAt: 10 * day + 2000 };

    const beside = scoresOf('grey cat shelters', candidatesOf(match, near, nothing, ...others));
    const apart = scoresOf('grey cat shelters', candidatesOf(match, far, nothing, ...others));

    expect(beside[1]).toBeGreaterThan(apart[1] ?? 1);
    expect(beside[1]).toBeLessThan(2 * (apart[1] ?? 0));
    expect(beside[2]).toBe(0);
  });

  it('candidates of another run at the same time are not neighbours', () => {
    const match = { text: 'the grey cat', observedAt: day, session: 'run-1' };
    const reply = { text: 'a cat', observedAt: day + 1 };
    const others = [{ text: 'jazz' }, { text: 'tennis' }];

    const same = scoresOf(
      'grey cat',
      candidatesOf(match, { ...reply, session: 'run-1' }, ...others),
    );
    const other = scoresOf(
      'grey cat',
      candidatesOf(match, { ...reply, session: 'run-2' }, ...others),
    );

    expect(same[1]).toBeGreaterThan(other[1] ?? 1);
  });

  it('a text by the person whom the query names is ranked before the same text by others', () => {
    const terms = countTerms('Anna and Bert went hiking');
    const candidates = candidatesOf(
      { text: 'Bert: went hiking', terms },
      { text: 'Anna: went hiking', terms },
    );

    const scores = scoresOf('Where did Anna go hiking?', candidates);

    expect(scores[1]).toBeGreaterThan(scores[0] ?? 1);
  });

  it('a sentence in a script without spaces is not taken for a name', () => {
    const terms = countTerms('我养了一只猫');
    const candidates = candidatesOf({ text: '我养了一只猫', terms }, { text: '...', terms });

    const scores = scoresOf('猫', candidates);

    expect(scores[0]).toBe(scores[1]);
  });

  it('a role at the start of a text is not taken for a name', () => {
    const terms = countTerms('user likes tea');
    const candidates = candidatesOf(
      { text: 'User likes tea', terms },
      { text: 'Likes tea', terms },
    );

    const scores = scoresOf('what does the user drink', candidates);

    expect(scores[0]).toBe(scores[1]);
  });

  it('a query for a time prefers texts with a time', () => {
    const terms = countTerms('went hiking');
    const candidates = candidatesOf(
      { text: 'went hiking', terms },
      { text: 'went hiking last Friday', terms },
    );

    const when = scoresOf('when was the hiking trip', candidates);
    const where = scoresOf('where was the hiking trip', candidates);

    expect(when[1]).toBeGreaterThan(when[0] ?? 1);
    expect(where[1]).toBe(where[0]);
  });
});

describe('order', () => {
  const same = [
    { id: 'b', text: 'a cat', observedAt: 5 * day },
    { id: 'a', text: 'a cat', observedAt: 9 * day },
    { id: 'c', text: 'a cat', observedAt: 1 * day },
    { id: 'd', text: 'a cat', observedAt: 1 * day },
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
});
