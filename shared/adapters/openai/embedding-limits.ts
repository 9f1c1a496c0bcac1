import type { RequestRejected } from './faults.ts';

/** Below 8,192 tokens in nearly every script. */
const maxCharacters = 6_000;
/** Not cut any shorter: what is refused now is refused for another reason. */
const minCharacters = 64;
/** A shorter limit is tried for the texts at hand only. */
const minRemembered = 500;
const maxBatchCharacters = 100_000;
/** Vectors written out as numbers are long: parsing more of them at once would hold up others. */
const maxTexts = { vendor: 256, other: 64 };
/** The service takes no empty text. */
const blank = '-';

const aboutBatch =
  /batch|too many (?:inputs|texts)|array (?:size|length)|number of (?:inputs|texts)/i;
const aboutLength = /token|too long|too large|length|context|maximum|exceed/i;

/** Texts to send, cut to a limit. */
export interface Batch {
  texts: string[];
  limit: number;
  /** Whether the limit was found because the server said that texts are too long. */
  isAboutLength?: boolean;
}

/** A text as the service takes it: cut, well-formed, never blank. */
const truncateInput = (text: string, limit: number): string =>
  text.slice(0, limit).toWellFormed().trim() || blank;

const longestOf = (texts: readonly string[]): number =>
  texts.reduce((longest, { length }) => Math.max(longest, length), 0);

/** Bounds of a server's requests. They begin at what most servers take, shrink as it refuses more, and are remembered. */
export const createEmbeddingLimits = (isOpenAi: boolean) => {
  let characters = maxCharacters;
  let count = isOpenAi ? maxTexts.vendor : maxTexts.other;

  return {
    /** Splits in order, bounded by count and by characters. */
    batchesOf(texts: readonly string[]): Batch[] {
      const batches: Batch[] = [];
      const limit = characters;
      let remainingChars = 0;
      for (const text of texts.map((whole) => truncateInput(whole, limit))) {
        const batch = batches.at(-1)?.texts;
        if (batch && batch.length < count && text.length <= remainingChars) {
          batch.push(text);
        } else {
          batches.push({ texts: [text], limit });
          remainingChars = maxBatchCharacters;
        }
        remainingChars -= text.length;
      }
      return batches;
    },

    /** The server took texts of this length: where it refused longer ones as too long, no longer ones are sent to it. */
    accepted({ limit, isAboutLength }: Batch): void {
      if (isAboutLength) characters = Math.max(minRemembered, Math.min(characters, limit));
    },

    /** What to send instead of a batch that was refused; undefined where its size cannot be why. */
    smaller({ texts }: Batch, { hint, status }: RequestRejected): Batch[] | undefined {
      if (texts.length > 1 && aboutBatch.test(hint)) {
        const half = Math.ceil(texts.length / 2);
        count = Math.min(count, half);
        return [texts.slice(0, half), texts.slice(half)].map((part) => ({
          texts: part,
          limit: characters,
        }));
      }
      const limit = Math.floor(longestOf(texts) / 2);
      if (limit < minCharacters) return undefined;
      const isAboutLength = status === 413 || status >= 500 || aboutLength.test(hint);
      return [{ texts: texts.map((text) => truncateInput(text, limit)), limit, isAboutLength }];
    },
  };
};
