import { describe, expect, it } from 'vitest';
import { piecesOf, wholeOrPieces } from '../../../shared/domain/memory/text-pieces.ts';
import { type Fact, fitFacts } from '../../../shared/domain/webhooks/outbox.ts';

describe('a verbatim text', () => {
  it.each([
    ['that is short', 'I like tea.'],
    ['of words', 'so it goes '.repeat(2_000)],
    ['without a space', 'x'.repeat(20_000)],
    ['of characters in two halves', '😀'.repeat(7_000)],
    ['of paragraphs', `${'word '.repeat(300)}\n\n`.repeat(20)],
  ])(
    'a verbatim text %s is the sum of its pieces, none longer than 6,000 characters',
    (_, text) => {
      const pieces = piecesOf(text);

      expect(pieces.join('')).toBe(text);
      expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(6_000);
      expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
    },
  );

  it.each([
    ['of 64 kB', 'x'.repeat(63_998), 1],
    ['of more than 64 kB', 'x'.repeat(63_999), 11],
    ['of 64 kB in other scripts', '漢'.repeat(21_332), 1],
    ['of more in other scripts', '漢'.repeat(21_333), 4],
    ['of characters that JSON escapes', '"'.repeat(31_999), 1],
    ['of more characters that JSON escapes', '"'.repeat(32_000), 6],
    ['that is blank', ' '.repeat(10_000), 0],
  ])('a verbatim text %s is kept in as few memories as fit', (_, text, count) => {
    const memories = wholeOrPieces(text);

    expect(memories).toHaveLength(count);
    if (count > 0) expect(memories.join('')).toBe(text);
  });

  it('a verbatim text is cut after a paragraph rather than a sentence, and after a sentence rather than a word', () => {
    const paragraphs = `${'a '.repeat(2_600)}b.\n\n${'c. '.repeat(1_000)}`;
    const sentences = `${'a '.repeat(2_600)}b. ${'c '.repeat(1_000)}`;

    expect(piecesOf(paragraphs)[0]?.endsWith('b.\n\n')).toBe(true);
    expect(piecesOf(sentences)[0]?.endsWith('b. ')).toBe(true);
  });
});

describe('facts of one outbox', () => {
  const fact = (length: number, metadata = {}): Fact => ({
    type: 'memory_update',
    memory: 'm',
    text: 'x'.repeat(length),
    previousText: 'short',
    metadata,
    categories: [],
  });
  const sizeOf = (facts: Fact[]): number => Buffer.byteLength(JSON.stringify(facts));

  it('facts that fit stay unchanged', () => {
    const facts = [fact(10, { a: 1 }), fact(20)];

    expect(fitFacts(facts, 10_000)).toEqual(facts);
  });

  it('facts that do not fit lose metadata first, marked as truncated', () => {
    const facts = [fact(10, { note: 'n'.repeat(5_000) }), fact(20)];

    expect(fitFacts(facts, 2_000)).toEqual([{ ...fact(10), truncated: ['metadata'] }, fact(20)]);
  });

  it('facts that do not fit without metadata lose the ends of long texts, marked as truncated', () => {
    const facts = [fact(50_000), fact(50_000), fact(20)];

    const fitted = fitFacts(facts, 20_000);

    expect(sizeOf(fitted)).toBeLessThanOrEqual(20_000);
    expect(fitted).toMatchObject([
      { truncated: ['new_text'], previousText: 'short' },
      { truncated: ['new_text'] },
      fact(20),
    ]);
    expect(fitted[2]).not.toHaveProperty('truncated');
  });
});
