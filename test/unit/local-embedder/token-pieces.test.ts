import { describe, expect, it } from 'vitest';
import {
  estimateTokens,
  tokenPieces,
} from '../../../shared/adapters/local-embedder/token-pieces.ts';
import { cpuOf } from '../../support/cpu-of.ts';

const sentence = 'Ana bought a small blue house near the harbour of Lisbon last year.';

describe('pieces of a text', () => {
  it('a short text is one piece', () => {
    expect(tokenPieces(sentence)).toEqual([sentence]);
  });

  it('a long text is split after sentences, and joined it is the same text', () => {
    const text = Array.from({ length: 9 }, () => sentence).join(' ');

    const pieces = tokenPieces(text);

    expect(pieces.join('')).toBe(text);
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) {
      expect(piece.trim()).toMatch(/^Ana .*\.$/);
      expect(estimateTokens(piece)).toBeLessThanOrEqual(48);
    }
  });

  it('a text without sentences is split between words', () => {
    const text = 'gardening '.repeat(200);

    const pieces = tokenPieces(text);

    expect(pieces.join('')).toBe(text);
    expect(pieces.every((piece) => /^ ?(?:gardening ?)+$/.test(piece))).toBe(true);
  });

  it.each([
    ['punctuation', '.'],
    ['letters', 'x'],
    ['marks', '\u0301'],
    ['emoji', '😀'],
    ['digits and dots', '4.'],
    ['lone surrogates', '\ud800'],
  ])('pieces of 100,000 hostile characters are bounded and made fast: %s', async (_, unit) => {
    const text = unit.repeat(100_000 / unit.length);

    const { ms } = await cpuOf(async () => tokenPieces(text));

    const pieces = tokenPieces(text);
    expect(pieces.join('')).toBe(text);
    expect(pieces.every((piece) => estimateTokens(piece) <= 48)).toBe(true);
    expect(ms).toBeLessThan(100);
  });
});
