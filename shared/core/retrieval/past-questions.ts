/** Words by which a question asks about what is no longer true. */
const past =
  /\b(?:used to|formerly|previous(?:ly)?|former|originally|in the past|back then|once (?:was|were|had|lived)|earlier|before|no longer|any ?more|at (?:first|the time)|old(?:er)? (?:address|job|employer|phone|car|flat|house|apartment|name|number|version)|ex-\p{L}+)\b/iu;

/** Length of the start of a question in which the words are looked for. */
const maxScannedChars = 1_000;

/** Whether a question is about the past, so that closed memories may answer it. English only. */
export const isAboutThePast = (query: string): boolean =>
  past.test(query.slice(0, maxScannedChars));
