import { analyze } from '../../../domain/memory/analyzer.ts';
import { byText } from '../text/by-text.ts';
import { cutEnd } from '../text/clean-text.ts';
import type { ParsedFact } from './parsed-fact.ts';
import { differingKinds, type Values } from './value-kinds.ts';

/** Stems of the value of a fact: of the words behind its verb. */
const valueTerms = byText((text): string[] => {
  const value =
    /^(?:User's .{2,50}? (?:is|are)|User (?:is |are )?(?:\p{L}+)|(?:The|Their) .{2,40}? (?:is|are)) (.{2,60})$/u.exec(
      text,
    )?.[1] ?? '';
  return analyze(value).filter((term) => term !== 'user' && !/^\d/.test(term));
});
/** Words with which a clause says that something else is so. */
const isInstead =
  /^User (?!.*\b(?:not|never|cannot)\b).{0,80}(?:\b(?:now|instead|these days|nowadays)\b)|^User (?:is |has )?switched\b/;
/** Verbs of habits: a fact with the verb of another says what is so instead. */
const habitual =
  /^User (?:is |has )?(takes?|uses?|works?|goes|plays?|sits?|sleeps?|drives?|rents?)\b/;
const acquires = /^User (?:has )?(?:ordered|bought|got)\b/;
const isOwned =
  /^User (?:has |owns |uses |drives |got |bought |ordered )|^User's .{2,50}? (?:is|are) /;

/** Whether a text says what is so instead of a known fact: in words for it, with the verb of the fact, or by something new that is owned. */
const isOtherwise = (text: string, other: string): boolean => {
  const verb = habitual.exec(text)?.[1];
  return (
    isInstead.test(text) ||
    (verb !== undefined && verb === habitual.exec(other)?.[1]) ||
    (acquires.test(text) && isOwned.test(other))
  );
};
const fewTerms = 4;

/** Whether what was stated before says that the value of a known fact is gone or cannot be, and the text what is so instead. */
const isOtherwiseNow = (text: string, other: string, lead: string): boolean => {
  if (!impedes.test(lead) || !isOtherwise(text, other)) return false;
  const value = valueTerms(other);
  const [before, after] = [analyze(lead), analyze(text)];
  return (
    value.length > 0 &&
    value.length <= fewTerms &&
    before.some((term) => value.includes(term)) &&
    !after.some((term) => value.includes(term))
  );
};

/** Clauses of which the second follows from the first: "Denis broke his wrist, so Paul is in goal". */
const boundary =
  /,? so (?!that\b|far\b|much\b|many\b)|[,;] (?:and )?(?:then )?|,? and (?=(?:got|bought|booked|took|chose|hired|moved|switched|went|now|started|joined|found|signed|ordered|picked|\p{Lu}))| - | – /u;

const token = /(?<![\p{L}\d])(?:\p{Lu}[\p{L}\d'&-]*|\d[\d:.,]*\d|\d{2,})(?![\p{L}])/gu;
const noValue =
  /^(?:User|They|The|It|That|This|He|She|New|January|February|March|April|May|June|July|August|September|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)(?:'s)?$/;

/** Names and numbers of a text, in lower case. */
const tokensOf = byText((text): string[] =>
  (text.match(token) ?? [])
    .filter((one) => !noValue.test(one))
    .map((one) => one.replace(/'s$/, '').toLowerCase()),
);

/** Facts that say by a name who or what a person has for a role or a use: "User's goalie is Denis", "User takes bus 22 to work". */
const hasValue =
  /^(?:User's|The|Their) (?:[\p{L}'-]+ ){1,6}(?:is|are)\b|^User(?:'s \p{L}+)? (?:is |are )?(?:\p{L}+s|seeing|using|dating|with|on|at|going|doing)\b/u;
const isAmount = /^\d/;
/** Reasons for which a person or a thing is not there any more. */
const impedes =
  /\b(?:injured|ill|sick|on (?:\w+ )?leave|left|quit|died|dead|broke|broken|closed|gone|moved|cancel+ed|sold|lost|fired|retired|retires|stopped|away|out of|switched|dropped|unavailable|too busy|no longer|not|cannot|ended|cut|scrapped|ditched|replaced|swapped|traded|returned|expired|deleted|uninstalled|ran out|gave up|dumped|done with|fed up|no more|passed|finished|cracked|smashed|leaked|sat on|too (?:\w+ )?(?:damp|small|slow|loud|expensive|far|old|noisy|dark|cold|hot|big|heavy|busy)|passed away|got (?:another|a new|a different))\b/i;
/** "bitwarden it is" */
const chosen = /^(?:[\w-]+ ){1,3}it is\b/;

/**
 * Whether a text names the value of a known fact in its first clause and another one of the kind in a later one: the first is gone or
 * cannot, so that the other takes its place.
 */
export const isExchange = (said: string, other: string, lead = ''): boolean => {
  if (!hasValue.test(other)) return false;
  if (lead !== '' && isOtherwiseNow(said, other, lead)) return true;
  const text = impedes.test(lead) ? `${cutEnd(lead, /[.!]/)}, so ${said}` : said;
  const old = tokensOf(other.replace(/^\S+ /, ''));
  if (old.length === 0 || old.length > 3) return false;
  const [first = '', ...rest] = text.split(boundary);
  const later = rest.join(' , ');
  const before = ` ${first.toLowerCase().replace(/[^\p{L}\d:.&]+/gu, ' ')} `;
  const named = old.filter((one) => before.includes(` ${one} `));
  if (named.length === 0 || later === '' || !impedes.test(first)) return false;
  const meant = tokensOf(` ${later}`);
  if (old.some((one) => meant.includes(one))) return false;
  return (
    chosen.test(later) ||
    named.some((one) => meant.some((value) => isAmount.test(one) === isAmount.test(value)))
  );
};

const lead =
  /^(?:User(?:'s)? |The |Their )?(?:(?:is|are|was|has|have|been|now|currently|still|also|just|recently|mostly|usually|always|only|finally|about|around|started|starts|got|back|to|at|for|from|by) )*/i;
const valueStart =
  /\b(?:\d|half|quarter|noon|midnight|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b)/i;

/** Stems of the words in front of the first amount or time, and of those behind. */
const frameOf = byText((text): { frame: string[]; rest: string[] } => {
  const body = text.replace(lead, '');
  const at = body.search(valueStart);
  const words = (part: string): string[] =>
    (part.toLowerCase().match(/\p{L}+/gu) ?? [])
      .map((word) => analyze(word).join(' ') || word)
      .filter(
        (word) =>
          !/^(?:at|about|around|the|a|an|on|for|by|to|from|only|now|is|are|roughly|up|until|till)$/.test(
            word,
          ),
      );
  return at < 0
    ? { frame: [], rest: [] }
    : { frame: words(body.slice(0, at)), rest: words(body.slice(at)) };
});

/** "User has an interview on 3 May", of which there may be others. */
const oneOfSeveral = /^User (?:now |also |still |just )*(?:has|have|had|got) (?:an?|another) /;

/** Whether two facts say the same of another amount or time, in forms of the same words: "gets up at 6", "started getting up at 5". */
export const haveOneFrame = (
  { text }: ParsedFact,
  { text: other }: ParsedFact,
  values: Values,
  otherValues: Values,
): boolean => {
  if (differingKinds(values, otherValues).every((kind) => kind === 'name' || kind === 'number'))
    return false;
  if (oneOfSeveral.test(other)) return false;
  const [mine, theirs] = [frameOf(text), frameOf(other)];
  if (mine.frame.length === 0 || mine.frame.join(' ') !== theirs.frame.join(' ')) return false;
  return (
    mine.rest.length === 0 ||
    theirs.rest.length === 0 ||
    theirs.rest.some((word) => mine.rest.includes(word))
  );
};
