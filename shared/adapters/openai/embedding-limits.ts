import type { RequestRejected } from './faults.ts';

/** Less than 8,192 tokens in nearly every script. */
const maxCharacters = 6_000;
/** Shortest truncation: a refusal of shorter texts has another reason. */
const minCharacters = 64;
/** Shortest limit that is remembered; a shorter one applies to the present texts only. */
const minRemembered = 500;
const maxBatchCharacters = 100_000;
/**
 * Texts of one batch. Servers other than OpenAI send vectors as JSON numbers: parsing more would block the event loop.
 */
const maxTexts = { openAi: 256, other: 64 };
/** Placeholder for a blank text, which the API rejects. */
const blank = '-';

const aboutBatch =
  /batch|too many (?:inputs|texts)|array (?:size|length)|number of (?:inputs|texts)/i;
const aboutLength = /token|too long|too large|length|context|maximum|exceed/i;

/** Texts of one request, truncated to a limit in characters. */
export interface Batch {
  texts: string[];
  limit: number;
  /** The server refused longer texts as too long, so the limit is worth remembering. */
  isAboutLength?: boolean;
}

/** Truncates a text and makes it well-formed and non-blank, as the API requires. */
const truncateInput = (text: string, limit: number): string =>
  text.slice(0, limit).toWellFormed().trim() || blank;

const longestOf = (texts: readonly string[]): number =>
  texts.reduce((longest, { length }) => Math.max(longest, length), 0);

/** Limits of the requests to a server. Start at values that most servers accept, and shrink after refusals. */
export const createEmbeddingLimits = (isOpenAi: boolean) => {
  let characters = maxCharacters;
  let count = isOpenAi ? maxTexts.openAi : maxTexts.other;

  return {
    /** Splits texts, in order, into batches limited by count and by characters. */
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

    /** Remembers the limit of an accepted batch, if longer texts were refused as too long. */
    accepted({ limit, isAboutLength }: Batch): void {
      if (isAboutLength) characters = Math.max(minRemembered, Math.min(characters, limit));
    },

    /** Smaller batches in place of a refused one; undefined when the size cannot be the reason. */
    smaller({ texts }: Batch, { providerMessage, status }: RequestRejected): Batch[] | undefined {
      if (texts.length > 1 && aboutBatch.test(providerMessage)) {
        const half = Math.ceil(texts.length / 2);
        count = Math.min(count, half);
        return [texts.slice(0, half), texts.slice(half)].map((part) => ({
          texts: part,
          limit: characters,
        }));
      }
      const limit = Math.floor(longestOf(texts) / 2);
      if (limit < minCharacters) return undefined;
      const isAboutLength = status === 413 || status >= 500 || aboutLength.test(providerMessage);
      return [{ texts: texts.map((text) => truncateInput(text, limit)), limit, isAboutLength }];
    },
  };
};
