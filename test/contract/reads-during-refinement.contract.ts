import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestService } from '../support/in-memory-service.ts';
import { type MemosClient, memosClient, saying } from '../support/memos-client.ts';

/** Opens a service that refines nothing before `refine` is called, with a model that keeps what was said. */
export interface ReadServices {
  open(): Promise<TestService>;
}

const turns = 100;
const letters = 'abcdefghij';

/** A word that no other turn has, and no other resembles. */
const wordOf = (turn: number): string => {
  const [tens = '', ones = ''] = [Math.floor(turn / 10), turn % 10].map((at) => letters[at]);
  return `${tens.repeat(3)}mot${ones.repeat(3)}`;
};

type Finds = (word: string) => Promise<string[]>;

/** Checks that each search made while 100 turns are refined sees each turn once: as it was said, or as the memory of it. */
export const readsDuringRefinementContract = (name: string, { open }: ReadServices): void => {
  describe(`reads during refinement on ${name}`, () => {
    let service: TestService;
    let memos: MemosClient;
    beforeAll(async () => {
      service = await open();
      memos = memosClient(service.client);
      for (let turn = 0; turn < turns; turn += 1)
        await memos.added(saying(`The harbour has ${wordOf(turn)}.`));
    });
    afterAll(() => service.close());

    const native: Finds = async (query) => {
      const body = { query, filters: { user_id: 'ana' }, top_k: 2 * turns, threshold: 0 };
      const { results } = (await service.client('POST /v3/memories/search', { body })).body;
      return results.map(({ memory }: { memory: string }) => memory);
    };
    const surface: Finds = async (query) => {
      const { memory_detail_list: found } = await memos.search(query, {
        relativity: 0,
        memory_limit_number: 25,
      });
      return found.map(({ memory_value: text }: { memory_value: string }) => text);
    };

    /** Counts how often each of these words is in the texts. */
    const countsIn = (texts: readonly string[], words: readonly string[]): number[] =>
      words.map((word) => texts.filter((text) => text.includes(word)).length);

    it('a search sees each turn once, rough or refined, at every moment', async () => {
      const words = Array.from({ length: turns }, (_, turn) => wordOf(turn));
      const wrong: object[] = [];
      const check = async (query: string, find: Finds, expected: readonly string[]) => {
        const texts = await find(query);
        const counts = countsIn(texts, expected);
        if (counts.some((count) => count !== 1)) wrong.push({ query, texts });
        return texts;
      };
      let mixed = 0;
      const isRefined = async (): Promise<boolean> => {
        const texts = await check('harbour', native, words);
        const refined = texts.filter((text) => text.startsWith('Learnt:')).length;
        if (refined > 0 && refined < turns) mixed += 1;
        return refined === turns;
      };
      const before = await isRefined();

      service.refine();
      for (let turn = 0; !(await isRefined()); turn = (turn + 7) % turns) {
        await check(wordOf(turn), surface, [wordOf(turn)]);
        await check(wordOf(turn), native, [wordOf(turn)]);
      }

      expect(before).toBe(false);
      expect(wrong).toEqual([]);
      expect(mixed).toBeGreaterThan(0);
    });

    it('once all is refined, every word is found by the surface and by the native search', async () => {
      for (let turn = 0; turn < turns; turn += 9) {
        const found = [await surface(wordOf(turn)), await native(wordOf(turn))];

        for (const texts of found)
          expect(texts.filter((text) => text.includes(wordOf(turn)))).toEqual([
            `Learnt: The harbour has ${wordOf(turn)}.`,
          ]);
      }
    });
  });
};
