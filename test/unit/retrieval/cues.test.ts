import { describe, expect, it } from 'vitest';
import { countTerms } from '../../../shared/domain/memory/analyzer.ts';
import { candidatesOf, scoresOf } from './candidates.ts';

/** Scores of texts that differ in nothing but the cue: they have the same words and cosine. */
const compare = (query: string, terms: string, ...texts: { text: string; speaker?: string }[]) =>
  scoresOf(
    query,
    candidatesOf(
      ...texts.map((fields) => ({ ...fields, terms: countTerms(terms), semantic: 0.2 })),
    ),
  );

describe('names', () => {
  it('a text that names whom the query names is preferred', () => {
    const scores = compare(
      'Where did Anna go hiking?',
      'Anna went hiking',
      { text: 'Bert went hiking' },
      { text: 'Anna went hiking' },
    );

    expect(scores[1]).toBeGreaterThan(scores[0] ?? 1);
  });

  it.each(['What did Ana say about the trip?', 'what did ana say about the trip?'])(
    'the query %s prefers what Ana said',
    (query) => {
      const scores = compare(
        query,
        'Ana trip',
        { text: 'The trip was long.', speaker: 'Ben' },
        { text: 'The trip was long.', speaker: 'Ana' },
        { text: 'The trip was long.', speaker: 'Ana Lima' },
      );

      expect(scores[1]).toBeGreaterThan(scores[0] ?? 1);
      expect(scores[2]).toBe(scores[1]);
    },
  );

  it('a form of address is not a name of whom a message is about', () => {
    const scores = compare(
      'Where did Ana go hiking?',
      'Ana went hiking',
      { text: 'Went hiking, Ana', speaker: 'Ben' },
      { text: 'Went hiking, man', speaker: 'Ben' },
    );

    expect(scores[0]).toBe(scores[1]);
  });

  it.each(['user', 'User', "User's", 'Assistant'])('the role %s is not a name', (role) => {
    const scores = compare(
      `what does the ${role} drink?`,
      'user assistant tea',
      { text: `${role} likes tea` },
      { text: `${'x'.repeat(role.length)} likes tea` },
    );

    expect(scores[0]).toBe(scores[1]);
  });

  it('a sentence in a script without spaces is not taken for a name', () => {
    const scores = compare(
      '猫',
      '我养了一只猫',
      { text: '我养了一只猫' },
      { text: '我养了一只马' },
    );

    expect(scores[0]).toBe(scores[1]);
  });
});

describe('identifiers', () => {
  it('a number or a model name that is exactly the same is preferred', () => {
    const scores = compare(
      'Where is the printer HL-L2350DW?',
      'printer HL L2350DW',
      { text: 'The printer HL-L2350DN is here.' },
      { text: 'The printer HL-L2350DW is here.' },
    );

    expect(scores[1]).toBeGreaterThan(scores[0] ?? 1);
  });

  it('a text with only a part of an identifier does not have it', () => {
    const scores = compare(
      'ticket 4411',
      'ticket 4411',
      { text: 'The ticket is 44112.' },
      { text: 'The ticket is 44119.' },
    );

    expect(scores[0]).toBe(scores[1]);
  });
});

describe('rare words', () => {
  it('a word that hardly any text has adds more than its idf', () => {
    const options = {
      statistics: { documents: 1000, averageLength: 3, frequencies: { gristl: 20, robot: 21 } },
    };
    const [rare] = scoresOf('gristle', candidatesOf({ text: 'Gristle runs' }), options);
    const [common] = scoresOf('robot', candidatesOf({ text: 'robot runs' }), options);

    expect(rare).toBeGreaterThan(common ?? 1);
  });
});

describe('times', () => {
  it('a query for a time prefers texts with a time', () => {
    const texts = [{ text: 'went hiking, at last' }, { text: 'went hiking in June 22' }];

    const when = compare('when was the hiking trip', 'went hiking', ...texts.toReversed());
    const where = compare('where was the hiking trip', 'went hiking', ...texts.toReversed());

    expect(when[0]).toBeGreaterThan(where[0] ?? 1);
  });
});

describe('codes', () => {
  it('a text without the code of the query is less related than for a query without one', () => {
    const [withCode] = compare('order number QX-7781', 'order', { text: 'A second order came.' });
    const [withoutCode] = compare('order number kettle', 'order', { text: 'A second order came.' });

    expect(withCode).toBeLessThan(withoutCode ?? 0);
  });

  it.each(['3pm', '2nd', '2024', '5k', '12'])('%s is no code', (word) => {
    const [score] = compare(`the race ${word}`, 'race', { text: 'The race is long.' });
    const [plain] = compare('the race kettle', 'race', { text: 'The race is long.' });

    expect(score).toBe(plain);
  });
});

describe('what a question asks for', () => {
  it.each([
    ['Where did Ana go?', 'Ana went', 'We flew to Lima.', 'We flew again.'],
    ['Which city did Ana see?', 'Ana saw', 'Best days in Quito.', 'Best days of all.'],
    ['How many cats has Ana?', 'Ana has', 'There are seven.', 'There are some.'],
    ['Why did Ana run?', 'Ana ran', 'It helps me rest.', 'It lets me rest.'],
    ['When did Ana run?', 'Ana ran', 'It was last May.', 'It was the rest.'],
  ])('%s prefers a text that has it', (query, terms, text, other) => {
    const scores = compare(
      query,
      terms,
      { text, speaker: 'Ben' },
      { text: other.padEnd(text.length), speaker: 'Ben' },
    );

    expect(scores[0]).toBeGreaterThan(scores[1] ?? 1);
  });

  it('a time, a place or a number is no cue for another question', () => {
    const scores = compare(
      'Who won the match?',
      'match',
      { text: 'They had 12 in 2024.', speaker: 'Ben' },
      { text: 'They had them at it.', speaker: 'Ben' },
    );

    expect(scores[0]).toBe(scores[1]);
  });
});

describe('small talk', () => {
  const speaker = 'Ben';
  const scoresOfSaid = (...texts: string[]) =>
    compare('What did Ana read?', 'Ana read', ...texts.map((text) => ({ text, speaker })));

  it('names and quoted titles in what a person said make it more related', () => {
    const [plain, named, titled] = scoresOfSaid(
      'I liked that story.',
      'I liked that, Zadie',
      'I liked "the maze".',
    );

    expect(named).toBeGreaterThan(plain ?? 1);
    expect(titled).toBeGreaterThan(plain ?? 1);
  });

  it('names of speakers, names of the query and opening words do not', () => {
    const scores = scoresOfSaid('I liked that, Ben.', 'I liked that, Ana.', 'That I liked, man.');

    expect(new Set(scores).size).toBe(1);
  });

  it('facts without a speaker do not become more related by names', () => {
    const [plain, named] = compare(
      'What did Ana read?',
      'Ana read',
      { text: 'liked that story' },
      { text: 'liked that, Zadie' },
    );

    expect(named).toBe(plain);
  });
});
