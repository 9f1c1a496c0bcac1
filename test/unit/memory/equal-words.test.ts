import { describe, expect, it } from 'vitest';
import { lexicalScores } from '../../../shared/core/retrieval/lexical-scores.ts';
import { analyze, countTerms } from '../../../shared/domain/memory/analyzer.ts';
import { equalStems } from '../../../shared/domain/memory/equal-words.ts';

/** Share of the words of a query that a text has. */
const coverageOf = (query: string, text: string): number =>
  lexicalScores(analyze(query), [countTerms(text), countTerms('Nothing of that.')]).coverage[0] ??
  0;

describe('words that count as one', () => {
  it.each([
    ['Where did she go?', 'She went to Rome.'],
    ['Who taught her chess?', 'My aunt will teach her chess.'],
    ['Which film did he buy?', 'He bought a movie.'],
    ['How many kids are there?', 'There are three children.'],
    ['When did they marry?', 'The wedding was in May.'],
  ])('all words of "%s" are in "%s", as far as it can have them', (query, text) => {
    const [word = ''] = analyze(query).filter((stem) => equalStems(stem).length > 1);

    expect(equalStems(word).some((stem) => Object.hasOwn(countTerms(text), stem))).toBe(true);
    expect(coverageOf(query, text)).toBeGreaterThan(0.3);
  });

  it('the forms of a word have the same stems, whichever form is asked for', () => {
    expect(new Set(equalStems('went'))).toEqual(new Set(['go', 'went', 'gone']));
    expect(equalStems('gone')).toEqual(equalStems('go'));
    expect(equalStems('kid')).toEqual(equalStems('children'));
  });

  it.each([
    ['When is my yoga class?', 'Of course!'],
    ['Which gift did he get?', 'I gave a presentation.'],
    ['Where is my small bag?', 'I am a little tired.'],
    ['What did the dog bite?', 'It took a bit longer.'],
  ])('no word of "%s" is in "%s"', (query, text) => {
    const asked = analyze(query).flatMap((stem) => equalStems(stem));

    expect(asked.filter((stem) => Object.hasOwn(countTerms(text), stem))).toEqual([]);
  });

  it('another word is equal to itself alone', () => {
    expect(equalStems('harbour')).toEqual(['harbour']);
    expect(equalStems('constructor')).toEqual(['constructor']);
  });

  it('two forms in a query count once', () => {
    expect(coverageOf('go went', 'They went.')).toBeCloseTo(coverageOf('go', 'They went.'));
  });
});
