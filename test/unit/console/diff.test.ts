import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiffPart, diffWords } from '../../../functions/console/app/diff.ts';

const joined = (parts: readonly DiffPart[], ...kinds: DiffPart['kind'][]): string =>
  parts
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text)
    .join('');

const text = fc
  .array(fc.constantFrom('a', 'b ', ' c', '\n', '<b>', '&amp;', 'Grüße', '👩‍👩‍👧', ' '), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

describe('the comparison of two texts', () => {
  it('the parts of one side joined are the text of that side, whatever the texts are', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = diffWords(before, after);

        expect(joined(parts, 'both', 'old')).toBe(before);
        expect(joined(parts, 'both', 'new')).toBe(after);
      }),
    );
  });

  it('only the words that differ are marked', () => {
    expect(diffWords('User lives in San Francisco.', 'User lives in Seattle.')).toEqual([
      { kind: 'both', text: 'User lives in' },
      { kind: 'old', text: ' San Francisco.' },
      { kind: 'new', text: ' Seattle.' },
    ]);
  });

  it('a word that was added in the middle keeps what is around it', () => {
    expect(diffWords('likes tea', 'likes green tea')).toEqual([
      { kind: 'both', text: 'likes' },
      { kind: 'new', text: ' green' },
      { kind: 'both', text: ' tea' },
    ]);
  });

  it('texts of more words than are compared are shown as replaced', () => {
    const long = 'word '.repeat(5_000);

    expect(diffWords(long, `${long}more`)).toEqual([
      { kind: 'old', text: long },
      { kind: 'new', text: `${long}more` },
    ]);
  });
});
