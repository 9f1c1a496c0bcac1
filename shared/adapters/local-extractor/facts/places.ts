import { analyze } from '../../../domain/memory/analyzer.ts';
import { byText } from '../text/by-text.ts';
import { relativeOf } from './owners.ts';

/** Facts that say where something is, or in what it is done, and reports that it is elsewhere. */

const prepositions =
  '(?:in|on|at|under|by|behind|near|inside|above|below|beside|over|to|into|onto|with|next to|out of|outside|opposite|against|around)';
const phrase = new RegExp(
  `\\b${prepositions} (?:the |an? |their |User's |our )?(?<noun>[\\p{L}\\d][\\p{L}\\d'+.&-]*(?: [\\p{L}\\d][\\p{L}\\d'+.&-]*){0,3}?)(?=[.,;!]|$| (?:now|instead|these|since|because|after|from|for|this|and|but|so|at|in|on|by|with|until|finally|lately|as|last|next|again)\\b)`,
  'giu',
);
const noPlace =
  /^(?:\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december|morning|afternoon|evening|night|weekend|week|month|year|time|first|last|end|beginning|noon|midnight|summer|winter|spring|autumn|the|user|me|them|him|her|one|two|half)/i;

/** Verbs of a state, and verbs that bring something to another place. */
const staying =
  '(?:(?:is|are) (?:written|built|made|hosted|stored|based|located|held|kept|done|deployed|parked)|is|are|go|lives?|sleeps?|sits?|stays?|hangs?|stands?|goes|meets?|rehearses?|trains?|belongs?|runs?|happens|eats?|writes?|is held|takes place)';
const keeping = '(?:keeps?|stores?|parks?|leaves?|puts?|writes?|hides?)';
const bringing =
  /^(?:moved|moves|put|puts|placed|relocated|transferred|shifted|ported|migrated|converted|rewrote|rewriting|rewritten|rebuilt|hung|stored|keeps|stashed|parks|parked|carried|switched|brought|hid)$/;
const stated = new RegExp(
  `^(?:(?!User )(?<thing>.{2,60}?) (?:now |usually |always |still |mostly )?(?<verb>${staying})|User (?:now |usually |always |still |mostly )?(?<kept>${keeping}) (?<object>.{2,40}?)) (?=${prepositions}\\b)`,
  'u',
);
/** Words in front of the verb of a text, and words of an object, that are read. */
const maxWords = 12;
const maxObject = 6;
const isPreposition = new RegExp(`^${prepositions}$`);

const auxiliary = /^(?:has|have|had|is|are|was|were|been|being|got|just|now|finally|already|also)$/;

/** The object that a text says to be brought somewhere, and the words behind; undefined without one. */
const broughtIn = (text: string): { object: string; rest: string } | undefined => {
  const words = text.split(' ');
  const verb = words.slice(0, maxWords).findIndex((one) => bringing.test(one));
  if (verb < 0) return undefined;
  const size = words
    .slice(verb + 1, verb + 2 + maxObject)
    .findIndex((one) => isPreposition.test(one));
  if (size === 0) {
    const subject = words.slice(0, verb).filter((one) => !auxiliary.test(one));
    return { object: subject.join(' '), rest: words.slice(verb + 1).join(' ') };
  }
  if (size < 0) return undefined;
  return {
    object: words.slice(verb + 1, verb + 1 + size).join(' '),
    rest: words.slice(verb + 1 + size).join(' '),
  };
};

/** Thing that a text says to be somewhere, with its verb, and the words behind; undefined for other texts. */
const partsOf = (
  text: string,
): { thing: string; verb: string; rest: string; isBrought: boolean } | undefined => {
  const brought = broughtIn(text);
  if (brought) return { thing: brought.object, verb: '', rest: brought.rest, isBrought: true };
  const found = stated.exec(text);
  if (!found) return undefined;
  const { thing = '', object = '', verb = '', kept = '' } = found.groups ?? {};
  return {
    thing: thing || object,
    verb: verb || kept,
    rest: text.slice(found[0].length),
    isBrought: object !== '',
  };
};

interface Whereabouts {
  thing: ReadonlySet<string>;
  verb: string;
  place: ReadonlySet<string>;
  isBrought: boolean;
}

const placeIn = (text: string): string[] =>
  [...text.matchAll(phrase)]
    .map(({ groups }) => groups?.['noun'] ?? '')
    .filter((noun) => !noPlace.test(noun))
    .flatMap((noun) => analyze(noun));

/** Where a fact says that a thing is; undefined for a person, and for a fact without a place. */
const whereaboutsIn = byText((text): Whereabouts | undefined => {
  if (
    relativeOf(text) !== undefined &&
    !/^User's (?:dog|cat|puppy|kitten|rabbit|hamster|horse|parrot)\b/.test(text)
  )
    return undefined;
  const parts = partsOf(text);
  if (!parts || /^(?:\p{Lu}\p{L}*[^\P{L}s]|They|It|He|She)$/u.test(parts.thing)) return undefined;
  const place = placeIn(parts.rest);
  const terms = analyze(parts.thing).filter((term) => term !== 'user');
  if (place.length === 0 || terms.length === 0) return undefined;
  return {
    thing: new Set(terms),
    verb: analyze(parts.verb).join(' '),
    place: new Set(place),
    isBrought: parts.isBrought,
  };
});

/** Verbs of a person's thing that say where it is in other words. */
const alike = /^(?:|go|is|are|live|sit|hang|stand|stay|belong|be|keep|store|put|park|leav)$/;

/** Whether two facts say of one thing that it is at different places: "The key is in the drawer", "User put the key in the shed". */
export const haveOtherPlaces = (text: string, other: string): boolean => {
  const theirs = whereaboutsIn(other);
  const mine = theirs && whereaboutsIn(text);
  if (!theirs || !mine) return false;
  const shared = [...theirs.thing].filter((term) => mine.thing.has(term));
  const isOneThing =
    shared.length === theirs.thing.size &&
    [...mine.thing].every((term) => theirs.thing.has(term) || theirs.place.has(term));
  const isOneVerb =
    mine.isBrought ||
    mine.verb === theirs.verb ||
    (alike.test(mine.verb) && alike.test(theirs.verb));
  return isOneThing && isOneVerb && ![...mine.place].some((term) => theirs.place.has(term));
};
