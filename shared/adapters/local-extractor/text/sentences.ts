const boundary = /(?=\s)(?<=[.!?…。！？؟]["'”’)\]]*)\s+|(?<=[。！？])/u;
const abbreviation =
  /(?:^|[\s(])(?:Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|vs|etc|No|Mt|approx|[a-z]\.[a-z]|[A-Z](?:\.[A-Z])*)\.$/;
/** Characters at the end of a text that can be an abbreviation. */
const reach = 200;
const startsLower = /^[a-z]/;

/** Longer runs without an end are no sentences that rules can read. */
const maxSentence = 600;

const continues = (before: string, after: string): boolean =>
  (abbreviation.test(before) && !/\bI\.$/.test(before)) ||
  (/\.\.\.$|…$/.test(before) && startsLower.test(after));

/** Sentences of a line; an abbreviation does not end one. */
export const sentencesOf = (line: string): string[] => {
  const sentences: string[] = [];
  for (const piece of line.split(boundary)) {
    const last = sentences.at(-1);
    if (last !== undefined && continues(last.slice(-reach), piece))
      sentences[sentences.length - 1] = `${last} ${piece}`;
    else if (piece.trim()) sentences.push(piece.trim());
  }
  return sentences.filter((sentence) => sentence.length <= maxSentence);
};
