import { analyze } from '../../../domain/memory/analyzer.ts';
import { isContrary } from './contrasts.ts';
import { haveOtherOwners } from './owners.ts';
import type { ParsedFact } from './parsed-fact.ts';

/** A fact that says that something is over, so that known facts about it are no longer true. */
export interface Ending {
  /** Whether a known fact states what is over. */
  ends(other: ParsedFact): boolean;
  /** The fact, with a name that only the known fact has. */
  textAfter(other: ParsedFact): string;
}

const lead =
  '(?:(?:had to|decided to|ended up|just|recently|finally|sadly|has|have|had|already|also|unfortunately|been|got|were|was) )*';
const capitalized = /\p{Lu}[\p{L}'-]+/u;
const partners = '(?:girlfriend|boyfriend|partner|fianc[eé]e?)';
const spouses = '(?:wife|husband|spouse)';
const couple = /\b(?:is|are) (?:dating|seeing|engaged|in a (?:\w+ )?relationship|together with)\b/i;
const married = /\b(?:is|got) (?:\w+ly )?married\b/i;
const named = /\b(?:named|called) (\p{Lu}[\p{L}'-]+)/u;

const isPartnerOf = (kinds: string) =>
  new RegExp(
    `^(?:'s ${kinds} (?:is |are )?(?:named |called )?\\p{Lu}| has an? (?:\\w+ )?${kinds}\\b)`,
    'u',
  );
const ofPartner = isPartnerOf(partners);
const ofSpouse = isPartnerOf(spouses);

/** Text after the subject: " has a dog." of "User has a dog.", "'s dog died." of "User's dog died.". */
const restOf = ({ text, subject }: ParsedFact): string =>
  text.toLowerCase().startsWith(subject) ? text.slice(subject.length) : text;

type Reader = (fact: ParsedFact, rest: string) => Ending | undefined;

const brokeUp = new RegExp(
  `^(?: \\(with [^)]+\\))? ${lead}(?:broke up|broken up|splits? up|separated)(?: (?:with|from) (.+?))?(?: (?:in|on|last|after|because|yesterday)\\b.*)?\\.$`,
);
const leftBy = new RegExp(
  `^'s ${partners} ${lead}(?:left|dumped|broke up with) (?:them|him|her|User)\\b`,
);
const divorced = new RegExp(`^(?: \\(with [^)]+\\))? ${lead}divorced\\b`);

const separation: Reader = (fact, rest) => {
  const broke = brokeUp.exec(rest);
  const isDivorce = divorced.test(rest);
  if (!broke && !isDivorce && !leftBy.test(rest)) return undefined;
  const name = capitalized.exec(broke?.[1] ?? '')?.[0];
  return {
    ends(other) {
      const said = restOf(other);
      const isOther = name !== undefined && capitalized.test(said) && !said.includes(name);
      if (isOther || other.negative) return false;
      return isDivorce
        ? ofSpouse.test(said) || married.test(said)
        : ofPartner.test(said) || couple.test(said);
    },
    textAfter(other) {
      const known = capitalized.exec(restOf(other))?.[0];
      const isBare = /^ (?!\().*(?:broke|broken|split) up\.$/.test(rest);
      return isBare && known ? fact.text.replace(/\.$/, ` with ${known}.`) : fact.text;
    },
  };
};

const died = '(?:died|passed away|is dead|was put (?:down|to sleep))';
const deaths: readonly RegExp[] = [
  new RegExp(
    `^'s ((?:[\\p{L}-]+ ){0,2}?[\\p{Ll}-]+)(?: (\\p{Lu}[\\p{L}'-]+))? ${lead}${died}\\b`,
    'u',
  ),
  new RegExp(
    `^ ${lead}(?:had to )?(?:put|lost) their ([\\p{Ll}-]+)(?: (\\p{Lu}[\\p{L}'-]+))?(?: down| to sleep)?(?: (?:in|on|last|yesterday|to)\\b.*)?\\.$`,
    'u',
  ),
];
const deathOfName = new RegExp(
  `^(\\p{Lu}[\\p{L}'-]+?)(?:,? the [a-z]+,?| our [a-z]+)?(?:'s| is| has)? ${lead}(?:${died}|gone to (?:their|his|her|its|a|an?) (?:\\w+ )?(?:new |forever )?(?:home|family)|(?:was |been )?(?:adopted|rehomed|given away)|found a (?:new|forever) (?:home|family)|ran away)\\b`,
  'u',
);
const deathOfAnimal = new RegExp(
  `^The ([\\p{Ll}-]+) (?:now )?${lead}(?:${died}|(?:went|gone|given|lives|moved) (?:to|with) (?:User's|a|an|the|their|her|his) |ran away|flew away|escaped)`,
  'u',
);
const several = /\b(?:two|three|four|five|six|seven|several|\d+)\b/i;
/** Nouns of animals and people: anything else that is lost or put down has not died. */
const living =
  /^(?:dog|puppy|cat|kitten|rabbit|hamster|horse|parrot|pet|bird|fish|(?:grand|step)?(?:mother|father|mom|dad)|grandma|grandpa|wife|husband|partner|brother|sister|son|daughter|uncle|aunt|cousin|friend|neighbou?r)$/;

const death: Reader = (fact, rest) => {
  const ofName =
    fact.subject === '' && !/^The /.test(fact.text) ? deathOfName.exec(fact.text)?.[1] : undefined;
  const ofThe = fact.subject === '' ? deathOfAnimal.exec(fact.text)?.[1] : undefined;
  const [, noun = ofThe ?? '', name = ofThe === undefined ? ofName : undefined] =
    deaths.map((pattern) => pattern.exec(rest)).find((match) => match !== null) ?? [];
  const head = noun.split(' ').at(-1) ?? '';
  if (!living.test(head) && ofName === undefined) return undefined;
  const stated = new RegExp(`^(?: has an? (?:[\\w-]+ ){0,3}?${head}\\b|'s ${head}\\b)`, 'u');
  return {
    ends(other) {
      const said = restOf(other);
      const known = named.exec(said)?.[1];
      if (other.negative || several.test(said) || new RegExp(died).test(said)) return false;
      if (name !== undefined && known !== undefined && known !== name) return false;
      return ofName === undefined ? stated.test(said) : known === name;
    },
    textAfter(other) {
      const known = named.exec(restOf(other))?.[1];
      return known === undefined || name !== undefined
        ? fact.text
        : fact.text.replace(head, `${head} ${known}`);
    },
  };
};

const determiner = '(?:their|the|an?|his|her) ';
/** A thing that is gone when it is given to a person. An address, a talk and a key are not. */
const passable =
  "(?!(?:[\\w'-]+ ){0,3}?(?:address(?:es)?|numbers?|names?|e-?mails?|details|talks?|speech(?:es)?|hands?|notice|keys?|regards|love|word|news|message)\\b)((?:[\\w'-]+ ){0,3}?[\\w'-]+?)";
/** Words with which a thing changes hands, and facts that say that the speaker has one. */
const handover = new RegExp(
  `^ ${lead}(?:gave|lent|passed) (?:their|the|his|her) ${passable} (?:to|on to|back|away|over)\\b`,
  'u',
);
const possession = /^ (?:now |also |just |recently )*(?:has|owns|keeps|bought|got|fosters)\b/;
const cancellations: readonly RegExp[] = [
  new RegExp(
    `^ ${lead}(?:cancell?ed|called off|terminated|ended|closed|shut down|dropped|gave up|left(?!.* (?:at|in|on) (?:the|a|an|their|my|home|work)\\b)|quit|unsubscribed from|dropped out of|moved out of|pulled out of|backed out of|withdrew from|bowed out of|opted out of|stepped away from|parted with|gave away|donated|binned|ditched|scrapped|ripped out|got rid of|threw out|returned|resigned from|went off|gone off|let go of) (?:${determiner})?((?:[\\w'-]+ ){0,3}?[\\w'-]+?)(?: (?:in|on|last|this|because|after|since|yesterday|with|at|to|for|so)\\b.*)?\\.$`,
    'u',
  ),
  new RegExp(
    `^'s ((?:[\\w'-]+ ){0,5}?[\\w'-]+) ${lead}(?:cancell?ed|called off|terminated|over|fell through)\\b`,
    'u',
  ),
  new RegExp(
    `^ ${lead}(?:sold|handed|donated) ${determiner}${passable} (?:to|on to|back|away|over)\\b`,
    'u',
  ),
  new RegExp(
    `^ ${lead}stopped (?:the|their) ((?:[\\w'-]+ ){0,3}?[\\w'-]+?)(?: (?:in|on|last|this|because|after|since|so)\\b.*)?\\.$`,
    'u',
  ),
  new RegExp(
    `^ ${lead}lets? ${determiner}?((?:[\\w'-]+ ){0,3}?[\\w'-]+?) (?:go|lapse|expire)\\b`,
    'u',
  ),
  new RegExp(`^ ${lead}(?:stopped|quit|gave up|finished|is done with|done with) (\\w+ing .+?)\\.$`),
  new RegExp(
    `^(?: \\(with [^)]+\\))? ${lead}called (?:${determiner})?((?:[\\w'-]+ ){0,3}?[\\w'-]+?) off\\b`,
    'u',
  ),
];
const dismissal =
  /^\p{Lu}[\p{L}\d&.' -]{1,30} (?:has |have |had |just )*(?:made User redundant|let User go|fired User|sacked User|laid User off|laid off User)\b/u;
const employment =
  /^ (?:(?:just|recently|has|have|got|was|were|been) )*(?:fired|sacked|laid off|let go|made redundant|quit their job|lost their job|resigned|handed in (?:their|the) (?:notice|resignation))\b/;
const isWork = (other: ParsedFact): boolean =>
  other.slots.some(({ key, ended }) => !ended && (key === 'employer' || key === 'role'));
const isTaste = ({ slots }: ParsedFact): boolean =>
  slots.some(({ key }) => key.startsWith('taste:'));
/** Further words of a known fact about what was cancelled: a fact with more of them is about something else, too. */
const maxFurther = 5;

/** Letters that stems of one word have in common: "deliver" and "delivery". */
const minCommon = 5;

const isNearSubset = (few: ReadonlySet<string>, many: ReadonlySet<string>): boolean =>
  [...few].every(
    (term) =>
      many.has(term) ||
      (term.length >= minCommon &&
        [...many].some(
          (other) =>
            other.startsWith(term.slice(0, -1)) ||
            (other.length >= minCommon && term.startsWith(other)),
        )),
  );

const cancellation: Reader = (fact, rest) => {
  if (employment.test(rest)) return { ends: isWork, textAfter: () => fact.text };
  const handed = handover.exec(rest)?.[1];
  const thing = handed ?? cancellations.map((pattern) => pattern.exec(rest)?.[1]).find(Boolean);
  const terms = new Set(analyze(thing ?? ''));
  if (terms.size === 0) return undefined;
  const isWedding = /^(?:wedding|engagement|marriage)$/i.test(thing ?? '');
  return {
    ends: (other) =>
      !other.negative &&
      !isTaste(other) &&
      !haveOtherOwners(fact.text, other.text) &&
      (handed === undefined || possession.test(restOf(other))) &&
      ((isNearSubset(terms, other.terms) && other.terms.size - terms.size <= maxFurther) ||
        (isWedding && marrying.test(other.text))),
    textAfter: () => fact.text,
  };
};

const marrying = /\b(?:getting married|marrying|engaged|will marry|gets? married)\b/i;
const found = new RegExp(
  `^ ${lead}(?:found|got|landed|bought|signed up for|signed for|signed (?:an? |the )?(?:lease|contract) (?:on|for)|secured|was hired for|rented|settled on|chose) (?:an? |the |their |some |my )?(?:new |lovely |great |nice )?((?:[\\w'-]+ ){0,2}?[\\w'-]+?)(?:,.*| (?:called|named|in|on|at|near|with|for|from|to|last|this|today|yesterday|as|through|finally)\\b.*)?\\.$`,
  'u',
);
const hired = new RegExp(`^ ${lead}(?:hired|employed|working again|back at work)\\b`);
const seeks =
  /\b(?:(?:is|are|has been|have been|is still) (?:looking|searching|hunting|house hunting|shopping|on the lookout) for|needs|is after|wants to find|could do with|has to find) (?:an? |the |some )?(?:new )?(.{2,60})/i;
const jobless =
  /\b(?:is unemployed|is out of (?:work|a job)|is between jobs|is jobless|lost their job)\b/i;
const missing = /\b(?:is|are|got|has been) (?:lost|missing|stolen)\b/i;
const work = /^(?:work|jobs?|position|employment|gig)$/i;

const birth =
  /\b(?:miscarriage|miscarried|stillbirth|(?:lost|had|delivered) (?:the|their|a|her|his) (?:baby|twins)|gave birth|(?:baby|twins?|son|daughter|girl|boy) (?:was|were|is|has been) born|(?:baby|twins) (?:is|are) here|had a (?:baby )?(?:girl|boy))\b/i;
const pregnant = /\b(?:is|are) (?:\d+ (?:weeks|months) )?(?:pregnant|expecting)\b/i;

/** A birth, or the loss of a child, ends a pregnancy. */
const childbirth: Reader = (fact) =>
  birth.test(fact.text)
    ? { ends: (other) => pregnant.test(other.text), textAfter: () => fact.text }
    : undefined;

/** "found a flat" after "is looking for a flat", "found work" after "is unemployed". */
const find: Reader = (fact, rest) => {
  const thing = hired.test(rest) ? 'job' : found.exec(rest)?.[1];
  if (thing === undefined) return undefined;
  const head = analyze(thing.split(' ').at(-1) ?? '').join(' ');
  const isJob = work.test(thing.split(' ').at(-1) ?? '');
  return {
    ends(other) {
      if (isJob && jobless.test(other.text)) return true;
      if (missing.test(other.text) && analyze(other.text).includes(head)) return true;
      const sought = seeks
        .exec(other.text)?.[1]
        ?.split(/[.,;]| (?:in|near|with|for|at|that|to|since|because|as)\b/)[0];
      const nouns = analyze(sought ?? '');
      return (
        nouns.at(-1) === head || (isJob && nouns.some((noun) => noun === 'job' || noun === 'work'))
      );
    },
    textAfter: () => fact.text,
  };
};

const leftUser =
  /^(\p{Lu}[\p{L}'-]{1,30}) (?:just |has )*(?:dumped|left|broke up with|divorced) User\b/u;

/** "Mia dumped User" after "User is dating Mia". */
const leaving: Reader = (fact) => {
  const name = leftUser.exec(fact.text)?.[1];
  return name === undefined
    ? undefined
    : {
        ends: (other) =>
          other.text.includes(name) && (couple.test(other.text) || ofPartner.test(restOf(other))),
        textAfter: () => fact.text,
      };
};

/** "Nokia made User redundant" after "User works at Nokia". */
const dismissed: Reader = (fact) =>
  dismissal.test(fact.text) ? { ends: isWork, textAfter: () => fact.text } : undefined;

/** "User has met someone" after "User is single". */
const contrary: Reader = (fact) => ({
  ends: (other) =>
    (other.subject === fact.subject || fact.subject === '') && isContrary(fact, other),
  textAfter: () => fact.text,
});

/** Readers of facts about a speaker, and of facts about anything else. */
const ofSpeaker = [separation, death, cancellation, childbirth, find, contrary];
const ofOthers = [death, leaving, dismissed, contrary];

/** Returns what a fact says to be over; the first reader that knows an ending of a known fact decides on the text. */
export const endingOf = (fact: ParsedFact): Ending => {
  const rest = restOf(fact);
  const endings = (fact.subject === '' ? ofOthers : ofSpeaker)
    .map((read) => read(fact, rest))
    .filter((ending) => ending !== undefined);
  return {
    ends: (other) => endings.some((ending) => ending.ends(other)),
    textAfter: (other) =>
      endings.find((ending) => ending.ends(other))?.textAfter(other) ?? fact.text,
  };
};

/** Words of another person about things without an owner end nothing. */
export const mayEnd = ({ author, subject }: ParsedFact): boolean =>
  author === undefined || subject !== '';
