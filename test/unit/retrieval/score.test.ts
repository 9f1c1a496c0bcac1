import { describe, expect, it } from 'vitest';
import { candidatesOf, dayMs, minilm, scoresOf } from './candidates.ts';

const models = [minilm, 'text-embedding-3-small@1536', 'unknown@768'];

describe('the meaning of a score', () => {
  it('clearly related texts score above 0.3 and unrelated ones below 0.1', () => {
    const candidates = candidatesOf(
      { text: 'User adopted a grey cat.', semantic: 0.6 },
      { text: 'User owns a cat.', semantic: 0.5 },
      { text: 'User has a small feline at home.', semantic: 0.6 },
      { text: 'User drives to work.', semantic: 0.12 },
      { text: 'User likes jazz.' },
    );

    const scores = scoresOf('Which grey cat was adopted?', candidates);

    expect(Math.min(...scores.slice(0, 3))).toBeGreaterThan(0.3);
    expect(Math.max(...scores.slice(3))).toBeLessThan(0.1);
  });

  it.each(models)('a question finds a paraphrase without a shared word by %s', (model) => {
    const candidates = candidatesOf({ text: 'User is allergic to peanuts.', semantic: 0.4 });

    const [score] = scoresOf('what food should I avoid?', candidates, { model });

    expect(score).toBeGreaterThan(0.3);
  });

  it('the cosine that is enough is higher with an unknown model than with the embedded one', () => {
    const candidates = candidatesOf({ text: 'User is allergic to peanuts.', semantic: 0.27 });

    const scores = models.map(
      (model) => scoresOf('what food should I avoid?', candidates, { model })[0] ?? 0,
    );

    expect(scores[0]).toBeGreaterThan(scores[1] ?? 1);
    expect(scores[1]).toBe(scores[2]);
  });

  it.each(models)('scores are within 0..1 for any parts by %s', (model) => {
    const texts = Array.from({ length: 50 }, () => ({
      text: 'When? cat cat cat yesterday',
      semantic: 1,
      observedAt: 0,
    }));

    for (const score of scoresOf('when did the cat come', candidatesOf(...texts), { model })) {
      expect(score).toBeGreaterThan(0.5);
      expect(score).toBeLessThanOrEqual(1);
    }
  });

  it('a text without a vector that has the words of the query is found, too', () => {
    const [found, half, other] = scoresOf(
      'Which grey cat did she adopt?',
      candidatesOf(
        { text: 'User adopted a grey cat.' },
        { text: 'User likes grey walls.' },
        { text: 'User likes jazz.' },
      ),
    );

    expect(found).toBeGreaterThan(0.8);
    expect(half).toBeLessThan(found ?? 0);
    expect(other).toBe(0);
  });
});

describe('monotonicity', () => {
  it.each(models)('a text with all words of the query is found at any cosine by %s', (model) => {
    const text = 'Der Drucker HL-L2350DW steht im Keller.';
    const scores = [-0.1, 0, 0.05].map(
      (semantic) => scoresOf('Drucker Keller', candidatesOf({ text, semantic }), { model })[0],
    );

    expect(Math.min(...scores.map((score) => score ?? 0))).toBeGreaterThan(0.3);
  });

  it.each(models)('a higher cosine never lowers the score by %s', (model) => {
    const semantics = [-1, 0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.65, 0.8, 1];
    for (const speaker of [undefined, 'Ana']) {
      const scores = scoresOf(
        'what does Ana say of her feline?',
        candidatesOf(
          ...semantics.map((semantic) => ({
            text: 'a cat',
            semantic,
            ...(speaker === undefined ? {} : { speaker }),
          })),
        ),
        { model },
      );

      expect(scores).toEqual(scores.toSorted((a, b) => a - b));
    }
  });

  it('a named speaker never lowers the score, whatever the cosine', () => {
    for (const semantic of [0, 0.3, 0.6, 0.9, 1]) {
      const terms = { ana: 1, cat: 1 };
      const [by, other] = scoresOf(
        'What did Ana say?',
        candidatesOf(
          { text: 'my cat', terms, semantic, speaker: 'Ana' },
          { text: 'my cat', terms, semantic, speaker: 'Ben' },
        ),
      );

      expect(by).toBeGreaterThan(other ?? 1);
    }
  });
});

describe('absoluteness', () => {
  const statistics = { documents: 500, averageLength: 8, frequencies: { grei: 3, cat: 20 } };
  const cat = { text: 'adopted a grey cat', semantic: 0.5 };

  it('the score of a text does not depend on unrelated candidates', () => {
    const options = { statistics, model: minilm };
    const [alone] = scoresOf('grey cat', candidatesOf(cat), options);
    const others = Array.from({ length: 30 }, () => ({ text: 'jazz', semantic: 0.1 }));
    const [among] = scoresOf('grey cat', candidatesOf(cat, ...others), options);

    expect(among).toBeCloseTo(alone ?? 0, 10);
  });

  it('the score of a text does not depend on better candidates', () => {
    const options = { statistics, model: minilm };
    const [alone] = scoresOf('grey cat', candidatesOf(cat), options);
    const better = { text: 'grey cat', semantic: 0.95 };
    const [among] = scoresOf('grey cat', candidatesOf(cat, better, better), options);

    expect(among).toBeCloseTo(alone ?? 0, 10);
  });
});

describe('context', () => {
  const conversation = { session: 'talk', observedAt: dayMs };
  const answer = { text: 'I work in Lisbon as a chef.', semantic: 0.6, ...conversation };

  it.each([0.1, 0.15, 0.2, 0.22])(
    'what is unrelated by itself stays below 0.3 beside a match, at a cosine of %d',
    (semantic) => {
      const other = { text: 'My favourite colour is green.', semantic, ...conversation };
      const query = 'Where does she live in Lisbon and work?';
      const [alone = 0] = scoresOf(query, candidatesOf({ ...other, session: 'elsewhere' }));
      const [, beside = 0] = scoresOf(query, candidatesOf(answer, other, answer));

      expect(alone).toBeLessThan(0.1);
      expect(beside).toBeLessThan(0.3);
    },
  );

  it('what matches itself is lifted by a neighbour that matches', () => {
    const query = 'Where does she work?';
    const other = { text: 'The kitchen is close to the harbour.', semantic: 0.42 };
    const [alone = 0] = scoresOf(query, candidatesOf(other));
    const [, beside = 0] = scoresOf(
      query,
      candidatesOf({ ...answer, text: 'She has to work.' }, { ...other, ...conversation }),
    );

    expect(beside).toBeGreaterThan(alone);
  });
});

describe('nonsense', () => {
  it.each(['', '   ', '?!', '\ud800'])(
    'the query %j without words gives candidates without a vector the score 0',
    (query) => {
      expect(scoresOf(query, candidatesOf({ text: 'a cat' }, { text: '' }))).toEqual([0, 0]);
    },
  );

  // The highest cosines of such queries with some thirty facts.
  it.each([
    ['banana helicopter quantum sofa', 0.27],
    ['asdf qwer zxcv', 0.25],
    ['the', 0.23],
    ['is', 0.24],
    ['for (let i = 0; i < n; i++) sum += a[i];', 0.15],
    ['????', 0.21],
  ])('the query %s finds nothing at a cosine of %d', (query, semantic) => {
    const [score] = scoresOf(query, candidatesOf({ text: 'User has two daughters.', semantic }));

    expect(score).toBeLessThan(0.1);
  });

  it('a list of words needs a higher cosine than a question does', () => {
    const candidates = candidatesOf({ text: 'User has two daughters.', semantic: 0.33 });

    const [words] = scoresOf('children lantern trombone', candidates);
    const [question] = scoresOf('Which children are there?', candidates);

    expect(words).toBeLessThan(question ?? 0);
  });

  it.each(['children', 'Kids'])(
    'a query that names its subject counts as a question: %s',
    (query) => {
      const [named] = scoresOf(
        query,
        candidatesOf({ text: 'User has two daughters.', semantic: 0.36 }),
      );

      expect(named).toBeGreaterThan(0.3);
    },
  );

  it('a word that another text has does not count as a question', () => {
    const [, other] = scoresOf(
      'children',
      candidatesOf(
        { text: 'The children of the village sing.', semantic: 0.5 },
        { text: 'User has two daughters.', semantic: 0.33 },
      ),
    );

    expect(other).toBeLessThan(0.1);
  });

  it.each(['the', 'because', '4411', 'a, b', 'zzzzzz', 'xkcdq'])(
    'a query without a subject does not: %s',
    (query) => {
      const [nothing] = scoresOf(
        query,
        candidatesOf({ text: 'User has two daughters.', semantic: 0.25 }),
      );

      expect(nothing).toBeLessThan(0.1);
    },
  );

  it('a word that is found makes up for a missing question', () => {
    const [found] = scoresOf(
      'boiler',
      candidatesOf({ text: "User's boiler is serviced each October.", semantic: 0.4 }),
    );

    expect(found).toBeGreaterThan(0.3);
  });
});
