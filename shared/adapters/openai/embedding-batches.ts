const maxTexts = 256;
const maxCharacters = 100_000;
/** The service takes no empty text. */
const blank = '-';

/** A text as the service takes it: cut, well-formed, never blank. */
export const prepared = (text: string, limit: number): string =>
  text.slice(0, limit).toWellFormed().trim() || blank;

/** Splits in order, bounded by count and by characters. */
export const batchesOf = (texts: readonly string[]): string[][] => {
  const batches: string[][] = [];
  let room = 0;
  for (const text of texts) {
    const batch = batches.at(-1);
    if (batch && batch.length < maxTexts && text.length <= room) {
      batch.push(text);
    } else {
      batches.push([text]);
      room = maxCharacters;
    }
    room -= text.length;
  }
  return batches;
};
