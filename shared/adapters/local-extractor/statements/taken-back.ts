import { cutEnd } from '../text/clean-text.ts';

/** Topic of a statement that takes back an earlier one. */
export interface TakenBack {
  topic: string;
  /** The statement only denies that the thing is there, as "there is no milk", which may be said of today's fridge. */
  isDenial?: true;
}

/** People, of whom one may have an opinion: "my boss is a joke". */
const person =
  '(?:my |our |the )?(?:boss|manager|mother|father|mom|mum|dad|brother|sister|son|daughter|wife|husband|partner|girlfriend|boyfriend|friend|neighbou?r|colleague|teacher|uncle|aunt|cousin)\\b';
/** Words for what was said, not for the thing that it was about. */
const saying = '(?:thing|bit|part|stuff|comment|story|line)';

/** Statements that take back what was said about a thing, if exactly one fact is known about it. */
const takesBack: readonly RegExp[] = [
  /^(?:(?:I am|I was|was) )?(?:just |only )?(?:kidding|joking) about (?:the |my |having (?:an? )?|that )?([^,]{2,40})$/i,
  new RegExp(
    `^(?:the|that|my) ([^,]{2,30}?) ${saying} (?:is|was) (?:just |only )?(?:a joke|a lie|not true|made up|nonsense|a prank|(?:(?:typed|written) )?by my [a-z]+)$`,
    'i',
  ),
  /^(?:the|that|my) ([^,]{2,30}?) (?:is|was) (?:just |only )?(?:a lie|not true|made up|a prank|(?:typed|written) by my [a-z]+)$/i,
  new RegExp(`^(?:the|that) (?!${person})([^,]{2,30}?) was (?:just |only )?a joke$`, 'i'),
  /^I (?:just |only |totally )?(?:made up|lied about) (?:(?:the|my|that|having(?: an?)?|being(?: an?)?) )(?!mind\b)([^,]{2,40})$/i,
  /^I (?:just |only |totally )?(?:lied about|invented having(?: an?)?|invented being(?: an?)?) ([^,]{2,40})$/i,
  /^no ([a-z]+(?: [a-z]+)?), (?:I|that) was (?:only |just )?(?:joking|kidding|a joke|lying|a lie)$/i,
  /^(?:I was )?(?:only |just )?(?:joking|kidding|lying), (?:I have |there is )?no ([a-z]+(?: [a-z]+)?)(?: here)?$/i,
  /^that was a (?:lie|joke), (?:I have |there is )?no ([a-z]+(?: [a-z]+)?)$/i,
  new RegExp(`^(?:I was )?wrong about (?!${person})(?:the |my )?([^,]{2,40})(?:, sorry)?$`, 'i'),
];
const denial = /^there (?:is|was|never was) no ([a-z]+(?: [a-z]+)?)$/i;

/** Thing about which a statement takes back what was said: "the snake thing was a joke". */
export const takenBack = (statement: string): TakenBack | undefined => {
  const text = cutEnd(statement, /[.!\s]/);
  const topic = takesBack
    .map((pattern) => pattern.exec(text)?.[1])
    .find((one) => one !== undefined);
  if (topic !== undefined) return { topic };
  const denied = denial.exec(text)?.[1];
  return denied === undefined ? undefined : { topic: denied, isDenial: true };
};
