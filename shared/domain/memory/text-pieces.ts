/** Bound of a learnt memory's text in characters: short enough for an embedder's input, and far below the size of an item. */
export const maxPiece = 6_000;
/** Share of a piece, at its end, in which a break is looked for. */
const breakShare = 1 / 4;

/**
 * Returns the end of the first piece: after a paragraph, a sentence or a word, else at the limit, but not inside a
 * surrogate pair.
 */
const endOf = (text: string, max: number): number => {
  const start = max - Math.floor(max * breakShare);
  const tail = text.slice(start, max);
  for (const end of [/\n\s*\n/g, /[.!?。！？]\s|\n/g, /\s/g]) {
    const last = [...tail.matchAll(end)].at(-1);
    if (last) return start + last.index + last[0].length;
  }
  return /[\uD800-\uDBFF]$/.test(tail) ? max - 1 : max;
};

/**
 * Bound of a text that is kept word for word as one memory, in bytes of JSON: with its search terms and metadata it fits an item of
 * 400 kB. Embedders read the beginning of a text this long; lexical search has all of its words.
 */
const maxWholeBytes = 64_000;

/** Returns a text that is kept word for word as one memory if the store can hold that, else in pieces. */
export const wholeOrPieces = (text: string): string[] => {
  const isWhole =
    text.length <= maxWholeBytes && Buffer.byteLength(JSON.stringify(text)) <= maxWholeBytes;
  return isWhole ? [text].filter((whole) => whole.trim() !== '') : piecesOf(text);
};

/**
 * Splits a text into pieces for one memory each. Joined, they are the text, except for blank pieces, which are dropped.
 * @param max bound of a piece in characters
 */
export const piecesOf = (text: string, max = maxPiece): string[] => {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > max) {
    const end = endOf(rest, max);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '');
};
