import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosine } from '../../shared/domain/memory/vector.ts';
import type { Embedder } from '../../shared/ports/embedder.ts';

export interface EmbedderUnderTest {
  embedder: Embedder;
  close(): Promise<void>;
}

const odd = [
  '',
  ' \n\t ',
  '\0',
  '\ud800 lone',
  '😀😀',
  '我喜欢咖啡',
  'أحب القهوة',
  '.',
  '4'.repeat(9_000),
];

const first = (vectors: readonly Float32Array[]): Float32Array => {
  const [vector] = vectors;
  if (!vector) throw new TypeError('no vector');
  return vector;
};

/** Contract of every embedder. One embedder serves all tests. */
export const describeEmbedder = (name: string, create: () => Promise<EmbedderUnderTest>): void => {
  describe(`${name} as an embedder`, () => {
    let under: EmbedderUnderTest;
    beforeAll(async () => {
      under = await create();
    });
    afterAll(() => under.close());

    const embedOne = async (text: string): Promise<Float32Array> =>
      first(await under.embedder.embed([text]));

    it('the embedder names its model and dimension', async () => {
      const { length } = await embedOne('User lives in Oslo.');

      expect(under.embedder.model).toMatch(/^\S+@(\d+|auto)$/);
      expect([`${length}`, 'auto']).toContain(under.embedder.model.split('@').at(-1));
    });

    it('embedding no texts returns no vectors', async () => {
      expect(await under.embedder.embed([])).toEqual([]);
    });

    it('every text gets a finite vector of unit length and equal dimension', async () => {
      const vectors = await under.embedder.embed(odd);

      expect(vectors).toHaveLength(odd.length);
      expect(new Set(vectors.map(({ length }) => length)).size).toBe(1);
      for (const vector of vectors) expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    });

    it('vectors have the order of the texts, repeated texts included', async () => {
      const texts = ['red apples', 'a boat trip', 'red apples', 'the tax office'];

      const together = await under.embedder.embed(texts);

      for (const [i, text] of texts.entries()) {
        expect(cosine(together[i] ?? [], await embedOne(text))).toBeGreaterThan(0.999);
      }
    });

    it('every one of many texts gets a vector', async () => {
      const texts = Array.from({ length: 300 }, (_, i) => `fact ${i}`);

      const vectors = await under.embedder.embed(texts);

      expect(vectors).toHaveLength(300);
      expect(cosine(vectors[299] ?? [], await embedOne('fact 299'))).toBeGreaterThan(0.999);
    });

    it('concurrent calls get their own vectors', async () => {
      const texts = ['green tea', 'a new job at the bank', 'the cat is ill', 'skiing in March'];

      const answers = await Promise.all(texts.map((text) => under.embedder.embed([text, 'other'])));

      for (const [i, answer] of answers.entries()) {
        expect(answer).toHaveLength(2);
        expect(cosine(first(answer), await embedOne(texts[i] ?? ''))).toBeGreaterThan(0.999);
      }
    });

    it('similar texts have a higher cosine than dissimilar ones', async () => {
      const [question = [], like = [], unlike = []] = await under.embedder.embed([
        'Where does User live now?',
        'User does live in Oslo now.',
        'The invoice was paid twice.',
      ]);

      expect(cosine(question, like)).toBeGreaterThan(cosine(question, unlike));
    });

    it('different texts of other scripts have different vectors', async () => {
      const [coffee = [], sister = []] = await under.embedder.embed(['我喜欢咖啡', '姐姐住在北京']);

      expect(cosine(coffee, sister)).toBeLessThan(0.9);
    });

    it('a call with an aborted signal rejects with its reason', async () => {
      const reason = new Error('enough');

      await expect(
        under.embedder.embed(['never'], { signal: AbortSignal.abort(reason) }),
      ).rejects.toBe(reason);
    });

    it('a call in progress rejects when the signal aborts', async () => {
      const reason = new Error('enough');
      const abort = new AbortController();

      const waiting = under.embedder.embed(['a text not asked for before'], {
        signal: abort.signal,
      });
      abort.abort(reason);

      await expect(waiting).rejects.toBe(reason);
    });
  });
};
