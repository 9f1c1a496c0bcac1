import { ofAskedKind } from './kinds-of-things.ts';

/** Length of the start of a text that is looked at. */
const maxScannedChars = 2_000;

const scanned = (text: string): string =>
  text.length > maxScannedChars ? text.slice(0, maxScannedChars) : text;

const isTemporalQuery =
  /^\s*(?:when|since when|how long|how (?:many|much) (?:days|weeks|months|years|time))\b|\b(?:what|which) (?:date|day|week|month|year|season|time)\b/i;

const temporalExpression =
  /\b(?:yesterday|today|tonight|tomorrow|ago|last|next|recently|since|weekend|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may \d|\d may|june|july|august|september|october|november|december|(?:days?|weeks?|months?|years?)|(?:19|20)\d\d)\b/i;

const asksPlace =
  /\bwhere\b|\b(?:which|what) (?:city|country|place|state|town|village|area|location|park|beach|island|street)\b/i;
const place = /\b(?:in|at|to|from|near) (?:the )?\p{Lu}/u;

const asksAmount = /\bhow (?:many|much|long|old|often|far|tall|big)\b/i;
const amount =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen|twice|hundred|thousand)\b/i;

const asksReason = /^\s*why\b|\b(?:reasons?|inspire[ds]?|motivat(?:es?|ed|ion))\b/i;
const reason =
  /\b(?:because|cause|since|so that|so I|reasons?|inspir(?:es?|ed|ing|ation)|motivat(?:es?|ed|ing|ion)|helps?)\b/i;

const quoted = /["“][\p{L}\p{N}]/u;

/** Whether a text has a title or other words in quotation marks. */
export const hasQuote = (text: string): boolean => quoted.test(scanned(text));

/** Whether the query asks for something of a kind and a text has it. */
export interface AnswerCues {
  time(text: string): boolean;
  place(text: string): boolean;
  amount(text: string): boolean;
  reason(text: string): boolean;
  /** A thing of a kind that the query asks for, such as a pet. */
  kind(text: string): boolean;
}

/** Returns the cues of what a query asks for. Texts are scanned only for that. English only. */
export const answerCues = (query: string): AnswerCues => {
  const start = scanned(query);
  const cueOf = (asked: RegExp, answer: RegExp): ((text: string) => boolean) => {
    const isAsked = asked.test(start);
    return (text) => isAsked && answer.test(scanned(text));
  };
  return {
    time: cueOf(isTemporalQuery, temporalExpression),
    place: cueOf(asksPlace, place),
    amount: cueOf(asksAmount, amount),
    reason: cueOf(asksReason, reason),
    kind: ofAskedKind(start),
  };
};
