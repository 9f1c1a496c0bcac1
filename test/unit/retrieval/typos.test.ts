import { describe, expect, it } from 'vitest';
import { isOneEditApart } from '../../../shared/core/retrieval/typos.ts';
import { candidatesOf, scoresOf } from './candidates.ts';

describe('one edit between two words', () => {
  it.each([
    ['berlln', 'berlin'],
    ['berlin', 'berlinn'],
    ['pharmci', 'pharmaci'],
    ['dentsit', 'dentist'],
    ['restur', 'restaur'],
    ['momo', 'momos'],
    ['𠮷野家', '𠮷野屋'],
  ])('%s and %s', (a, b) => {
    expect(isOneEditApart(a, b)).toBe(true);
    expect(isOneEditApart(b, a)).toBe(true);
  });

  it.each([
    ['berlin', 'berlin'],
    ['berlin', 'merlin'],
    ['berlin', 'brln'],
    ['dentist', 'tendist'],
    ['abcdef', 'acbdfe'],
    ['cat', 'catch'],
  ])('%s and %s are not one edit apart', (a, b) => {
    expect(isOneEditApart(a, b)).toBe(false);
    expect(isOneEditApart(b, a)).toBe(false);
  });
});

describe('a misspelt word of a query', () => {
  const texts = candidatesOf(
    { text: 'User is allergic to penicillin.' },
    { text: 'User works at a pharmacy in Berlin.' },
    { text: 'User plays the cello.' },
  );

  it.each([
    ['What does she know about penicilin?', 0],
    ['pharmcay in berlln', 1],
    ['Does she play the celllo?', 2],
  ])('%s finds the text with the word', (query, at) => {
    const scores = scoresOf(query, texts);

    expect(scores[at]).toBeGreaterThan(0.3);
    expect(scores.indexOf(Math.max(...scores))).toBe(at);
  });

  it('scores less than the right word', () => {
    const [wrong = 0] = scoresOf('penicilin', texts);
    const [right = 0] = scoresOf('penicillin', texts);

    expect(wrong).toBeLessThan(right);
  });

  it.each([
    ['where is Berlin', 'a word that a text has is never read as another one', 'User met Berlyn.'],
    ['cells', 'a word of four letters is not corrected', 'User sells bells.'],
    ['ticket 44112', 'a number is not corrected', 'User supports request 44113.'],
  ])('%s: %s', (query, _, text) => {
    const known = candidatesOf({ text: 'User lives in Berlin.' }, { text });

    expect(scoresOf(query, known)[1]).toBe(0);
  });

  it('a word that the rest of the collection has is not corrected', () => {
    const statistics = { documents: 900, averageLength: 4, frequencies: { penicilin: 3 } };

    expect(scoresOf('penicilin', texts, { statistics })[0]).toBe(0);
  });

  it('of a long query only the first unknown words are corrected', () => {
    const unknown = Array.from({ length: 8 }, (_, i) => `zzq${'x'.repeat(i + 4)}`).join(' ');

    expect(scoresOf(`${unknown} penicilin`, texts)[0]).toBe(0);
  });
});
