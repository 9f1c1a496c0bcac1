type Terms = { readonly [stem: string]: number };

/** Stems of a query that are corrected: of fewer letters too many others are near. */
const correctable = /^\p{L}{5,}$/u;
/** Shortest stem that a correction may be, in letters. */
const minLetters = 4;
/** Stems of one query that are corrected at most: each is compared with every stem of the candidates. */
export const maxCorrected = 8;

export const isCorrectable = (stem: string): boolean => correctable.test(stem);

/**
 * Whether one edit turns one word into the other: a letter more, less or another, or two letters in each other's place
 * (Damerau, "A technique for computer detection and correction of spelling errors", 1964). The first letter is mostly right.
 */
export const isOneEditApart = (a: string, b: string): boolean => {
  if (a === b || a[0] !== b[0] || Math.abs(a.length - b.length) > 1) return false;
  let start = 1;
  while (start < a.length && a[start] === b[start]) start += 1;
  const restOf = (word: string, from: number): string => word.slice(start + from);
  if (a.length > b.length) return restOf(a, 1) === restOf(b, 0);
  if (a.length < b.length) return restOf(a, 0) === restOf(b, 1);
  const isSwapped = a[start] === b[start + 1] && a[start + 1] === b[start];
  return restOf(a, 1) === restOf(b, 1) || (isSwapped && restOf(a, 2) === restOf(b, 2));
};

/** All stems of the documents that a correction may be. Yields after each document. */
export function* vocabularyOf(documents: readonly Terms[]): Generator<undefined, Set<string>> {
  const stems = new Set<string>();
  for (const terms of documents) {
    for (const stem of Object.keys(terms)) if (stem.length >= minLetters) stems.add(stem);
    yield;
  }
  return stems;
}
