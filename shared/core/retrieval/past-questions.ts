/** Words by which a question asks about what is no longer true. */
const past =
  /\b(?:used? to|formerly|previous(?:ly)?|former|originally|in the past|back then|once (?:was|were|had|lived)|earlier|before|no longer|any ?more|at (?:first|the time)|old(?:er)? (?:address|job|employer|phone|car|flat|house|apartment|name|number|version)|ex-\p{L}+)\b/iu;

/** The same in German, Spanish, French, Italian and Portuguese, and in Chinese and Japanese. */
const pastElsewhere = new RegExp(
  [
    String.raw`(?<!\p{L})(?:früher(?:e[nrs]?)?|vorher|zuvor|damals|ehemalige?[nrs]?|vorherige?[nrs]?|einst)(?!\p{L})`,
    String.raw`(?<!\p{L})(?:antes|anteriormente|sol[ií]as?|antigu[oa]s?|anterior)(?!\p{L})`,
    String.raw`(?<!\p{L})(?:avant|auparavant|autrefois|précédente?|ancien(?:ne)?)(?!\p{L})`,
    String.raw`(?<!\p{L})(?:prima|precedente(?:mente)?|una volta|antigamente|costumava)(?!\p{L})`,
    '以前|之前|過去|过去|原来|昔',
  ].join('|'),
  'iu',
);

/** Signs that "before" is said of a former state, not of an order of things: "what do I eat before a run?" */
const isOfFormerState = /\b(?:did|was|were|had|been|used)\b|\bbefore\W*$/iu;
const onlyBefore = /\b(?:before|earlier)\b/iu;

/** Length of the start of a question in which the words are looked for. */
const maxScannedChars = 1_000;

/** Whether a question is about the past, so that closed memories may answer it. */
export const isAboutThePast = (query: string): boolean => {
  const start = query.slice(0, maxScannedChars);
  return past.test(start) || pastElsewhere.test(start);
};

/** Time of the statement that a question asks for: true now, or true before. */
export type AskedTime = 'now' | 'before';

/** Returns which statement a question asks for. */
export const askedTime = (query: string): AskedTime => {
  const start = query.slice(0, maxScannedChars);
  if (!isAboutThePast(start)) return 'now';
  const withoutBefore = start.replace(new RegExp(onlyBefore, 'giu'), ' ');
  return past.test(withoutBefore) || pastElsewhere.test(start) || isOfFormerState.test(start)
    ? 'before'
    : 'now';
};
