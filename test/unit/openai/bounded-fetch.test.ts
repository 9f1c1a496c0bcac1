import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerTooLarge, boundedFetch } from '../../../shared/adapters/openai/bounded-fetch.ts';

const read = (limits: { bytes: number; values: number }, chunks: readonly Uint8Array[]) =>
  boundedFetch(
    limits,
    async () => new Response(ReadableStream.from(chunks)),
  )('http://server.test').then((response) => response.text());

/** Splits the bytes of a text into chunks of these sizes, in turn. */
const split = (text: string, sizes: readonly number[]): Uint8Array[] => {
  const bytes = new TextEncoder().encode(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
};

/** Values of a JSON text by the value that it was made of; an empty list or object counts as two, like one with a value. */
const valuesIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 1;
  const inner = Object.values(value);
  return inner.length === 0 ? 2 : 1 + inner.reduce((sum: number, one) => sum + valuesIn(one), 0);
};

const texts = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[\\",[\]{}a]{0,12}$/),
  fc.constantFrom('\\', '\\\\', '"', '\\"', '["', ',\\,'),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(texts, fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.dictionary(texts, tie('tree'), { maxKeys: 5 }),
  ),
}));

describe('the limits of an answer', () => {
  it('an answer of any strings, however it is split, is read up to its number of values and refused below', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(tree, sizes, async (value, by) => {
        const text = JSON.stringify(value);
        const chunks = split(text, by);
        const values = valuesIn(value);

        expect(await read({ bytes: 1e6, values }, chunks)).toBe(text);
        const refused = await read({ bytes: 1e6, values: values - 1 }, chunks).catch(
          (error: unknown) => error,
        );
        expect(refused).toBeInstanceOf(AnswerTooLarge);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['levels', '['.repeat(65)],
    ['levels', `{"a":"]]]]\\"",${'"b":['.repeat(64)}`],
    ['values', `[${'0,'.repeat(200)}`],
    ['bytes', `"${'a'.repeat(2_000)}`],
  ])('an answer with too many %s is refused before it ends', async (what, text) => {
    await expect(read({ bytes: 1_000, values: 100 }, split(text, [7]))).rejects.toThrow(what);
  });
});
