/** Characters of one memory: what an embedder sees whole, and far from what an item holds. */
export const maxPiece = 6_000;
/** A piece ends at a break in this last part of it, if there is one. */
const breakWithin = 1_500;

/** Where to end a piece: after a paragraph, a sentence or a word; else anywhere but inside a character. */
const endOf = (text: string): number => {
  const tail = text.slice(maxPiece - breakWithin, maxPiece);
  for (const end of [/\n\s*\n/g, /[.!?。！？]\s|\n/g, /\s/g]) {
    const last = [...tail.matchAll(end)].at(-1);
    if (last) return maxPiece - breakWithin + last.index + last[0].length;
  }
  return /[\uD800-\uDBFF]$/.test(tail) ? maxPiece - 1 : maxPiece;
};

/** A text as the pieces it is kept in; together they are the text. */
export const piecesOf = (text: string): string[] => {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > maxPiece) {
    const end = endOf(rest);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '');
};
