import { analyze } from '../../../domain/memory/analyzer.ts';
import { byText } from '../text/by-text.ts';
import { conceptsOf } from './concepts.ts';

/** The thing that a fact begins with, as "User's flight to Lisbon" or "the kitchen budget". */
export interface Thing {
  /** Person whose thing it is, in lower case: "user", "leo"; empty for things without an owner. */
  owner: string;
  /** Stem of its noun. */
  head: string;
  /** Stems of the words in front of the noun, and of the name behind a preposition. */
  kind: readonly string[];
  of: readonly string[];
}

const verb =
  /^(?:is|are|was|were|will|has|have|had|costs?|starts?|ends?|begins?|runs?|leaves?|departs?|arrives?|lands?|closes?|opens?|meets?|takes?|goes|went|comes|weighs?|holds?|lasts?|moved|changed|got|gets|needs|expires?|falls|fell|rose|dropped|slipped|can|cannot|does|did|must|should|lives?|eats|sleeps|works|plays|turned|drinks|sits|stands)$/;
const determiner = /^(?:the|their|an?)$/i;
const adverb = /^(?:now|also|still|just|usually|currently|only)$/i;
/** Words in front of a noun that say nothing of its kind. */
const plain =
  /^(?:new|old|current|next|usual|regular|main|only|own|all-time|favou?rite|best|first)$/i;
const preposition = /^(?:to|with|at|in|for|of|from|about|by)$/i;
/** Words in front of the verb that are read. */
const maxWords = 10;
const noThing =
  /^(?:User|They|It|That|This|He|She|We|I|You|There|What|Who|When|Where|New|One|Some|Both|All)\b(?!'s)/;

const pronoun = /^(?:it|they|he|she|we|that|this|there|out|up|off|not|no|so|and|or|user)$/i;
const word = /^[\p{L}\d][\p{L}\d'-]*$/u;
const maxOfPhrase = 4;

/** The thing that a text begins with; undefined for a text that begins with the speaker. */
export const thingIn = byText((text): Thing | undefined => {
  if (noThing.test(text)) return undefined;
  const words = text.slice(0, 160).split(' ', maxWords + 1);
  const at = words.findIndex((one, i) => i > 0 && verb.test(one));
  const subject = words.slice(0, at).filter((one) => !adverb.test(one));
  if (at < 0 || !subject.every((one) => word.test(one) && !pronoun.test(one))) return undefined;
  const owner = /^\p{Lu}.*'s$/u.test(subject[0] ?? '') ? (subject.shift() ?? '').slice(0, -2) : '';
  const behind = subject.findIndex((one) => preposition.test(one));
  const [phrase, of] =
    behind < 0 ? [subject, []] : [subject.slice(0, behind), subject.slice(behind + 1)];
  const nouns = phrase.filter((one) => !determiner.test(one) && !plain.test(one));
  const head = analyze(nouns.at(-1) ?? '').join(' ');
  if (head === '' || nouns.length > maxOfPhrase || of.length > maxOfPhrase) return undefined;
  return {
    owner: owner.toLowerCase(),
    head,
    kind: analyze(nouns.slice(0, -1).join(' ')),
    of: analyze(of.join(' ')),
  };
});

const areApart = (mine: readonly string[], theirs: readonly string[]): boolean =>
  mine.length > 0 && theirs.length > 0 && !mine.some((term) => theirs.includes(term));

const isNoun = (text: string, { owner }: Thing): boolean =>
  owner !== '' ||
  /^(?:[Tt]he|[Tt]heir|[Aa]n?) /.test(text) ||
  !/^\p{Lu}\S* (?:is|are|has|was)\b/u.test(text);

const named = /^(?<name>\p{Lu}[\p{L}-]{1,30}) (?:now |also |just )?(?<verb>\p{Ll}+)\b/u;
/** "A competitor charges 450", "The neighbours have a dog". */
const another =
  /^(?:A|An|The|Another|Most|Some) (?<name>[\p{Ll}-]{2,30}) (?:now |also |just )?(?<verb>\p{Ll}+)\b/u;
const verbOf = (text: string): string =>
  analyze((named.exec(text) ?? another.exec(text))?.groups?.['verb'] ?? '').join(' ');

const isOneVerb = (text: string, other: string): boolean =>
  verbOf(text) !== '' && verbOf(text) === verbOf(other);

const namesThing = (terms: ReadonlySet<string>, { head, kind, of }: Thing): boolean =>
  [head, ...kind, ...of].some((term) => terms.has(term));

const shareConcept = ({ head, kind }: Thing, terms: Iterable<string>): boolean => {
  const concepts = conceptsOf(terms);
  return [...conceptsOf([head, ...kind])].some((one) => concepts.has(one));
};

/** Whether a text is about a person or a thing that a fact about the speaker does not mention: "Jo runs the Thursday class". */
const isOfOthers = (
  text: string,
  mine: Thing | undefined,
  other: string,
  otherTerms: ReadonlySet<string>,
): boolean => {
  const first = analyze(text.split(' ')[0] ?? '').join(' ');
  if (/\bUser\b/.test(text) || otherTerms.has(first)) return false;
  const isPerson = named.test(text) && !/^(?:They|The|It)\b/.test(text);
  if (isPerson) return / (?:she|he) /.test(text) || isOneVerb(text, other);
  if (another.test(text) && isOneVerb(text, other)) return true;
  return mine !== undefined && !namesThing(otherTerms, mine) && !shareConcept(mine, otherTerms);
};

/** Whether two things of one noun have other owners, kinds, or names behind a preposition. */
const differ = (mine: Thing, theirs: Thing): boolean =>
  areApart(mine.owner === '' ? [] : [mine.owner], theirs.owner === '' ? [] : [theirs.owner]) ||
  areApart(mine.kind, theirs.kind) ||
  areApart(mine.of, theirs.of);

/**
 * Whether two texts begin with things of different kinds or owners: "the kitchen budget" and "the garden budget", "User's manager" and
 * "Leo's manager". A text that names the other's thing later on may still be about it.
 */
export const areOfOtherThings = (
  text: string,
  terms: ReadonlySet<string>,
  other: string,
  otherTerms: ReadonlySet<string>,
): boolean => {
  const [mine, theirs] = [thingIn(text), thingIn(other)];
  if (/^User\b(?!')/.test(other)) return isOfOthers(text, mine, other, otherTerms);
  if (!mine || !theirs) return false;
  if (mine.head === theirs.head) return differ(mine, theirs);
  if (namesThing(terms, theirs) || namesThing(otherTerms, mine)) return false;
  if (!isNoun(text, mine) || !isNoun(other, theirs)) return false;
  return !shareConcept(mine, [theirs.head, ...theirs.kind]);
};
