import type { Tagger, Word } from '../text/tagger.ts';
import { antecedentOf } from './coreference.ts';
import { readOther } from './other-statements.ts';

/** People, relatives and pets whom one sentence names and the next calls "he", "she" or "it". */

const name = /\p{Lu}\p{Ll}[\p{L}'-]{0,30}(?: \p{Lu}\p{Ll}[\p{L}'-]{0,30})?/gu;
const noName =
  /^(?:I|He|She|It|We|They|You|My|Our|The|This|That|User|Mr|Mrs|Ms|Dr|Prof|God|Christmas|Easter|Thanksgiving|Google|Facebook|Slack|Netflix|Amazon|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December)\b/;
/** Prepositions in front of a place. */
const ofPlace =
  /(?:^|\s)(?:in|at|near|around|via|through|into|across|visit(?:ed|ing)?|(?<!\b(?:spoke|talked|speak|talking|wrote|said|married|engaged|hi|hello|apologi[sz]ed|listened|text|mail|letter|sent|gave) )to|(?<!\b(?:heard|mail|e-?mail|text|message|letter|note|call|news|got) (?:it |this )?)from|of|the)$/i;

/** Words of a name that begins a sentence; other words have capitals there as well. */
const isAtStart = (first: Word | undefined): boolean => first?.pos === 'PROPN';

/** The only person whom a sentence names; undefined without one, or with several. */
const personIn = (sentence: string, tag: Tagger): string | undefined => {
  const names = new Set<string>();
  for (const { 0: found, index } of sentence.matchAll(name)) {
    const before = sentence.slice(Math.max(0, index - 40), index).trimEnd();
    const named =
      index === 0 && !isAtStart(tag(sentence)[0]) ? found.replace(/^\S+ ?/u, '') : found;
    if (named !== '' && !noName.test(named) && !ofPlace.test(before)) names.add(named);
  }
  const [only, other] = names;
  return other === undefined ? only : undefined;
};

/** A firm or a group that did something: "Acme called". */
const group =
  /^(\p{Lu}[\p{L}\d&-]{1,30}) (?:called|wrote|said|e?mailed|asked|replied|confirmed|announced|answered|texted)\b/u;
const they =
  /^they (?=(?:want|need|will|have|are|offer|charge|pay|close|open|moved?|use|ship|expect|ask)\b)/i;

const subject = /^(?:he|she)(?= \w)/i;
const owner = /^(?:his|her) (?=[a-z])/i;

/** "He runs a gym" behind "Ali called" -> "Ali runs a gym". Reactions stay as they are. */
const withPerson = (sentence: string, person: string | undefined, tag: Tagger): string => {
  if (person === undefined || !(subject.test(sentence) || owner.test(sentence))) return sentence;
  if (!/\bmy\b/i.test(sentence) && readOther(sentence, tag(sentence)) === 'nothing')
    return sentence;
  return sentence.replace(subject, person).replace(owner, `${person}'s `);
};

/** A sentence without its subject, which is that of the sentence before: "Ben is allergic to cats. Lives in Hull." */
const opensWithVerb =
  /^(?!.{0,300}\?)(?!.{0,40}:)(?:(?:also|usually|often|never|always|currently|still) )?(?:likes|loves|hates|dislikes|prefers|enjoys|lives|works (?:at|for|as|in|with|from|nights|remotely|part|full)|plays|speaks|drives|owns|wants|needs|studies|eats|drinks|teaches|has (?!(?:been (?:a while|ages)|to be)\b)|carries|takes|wears|rides|collects|sleeps|smokes|sings|is (?:an? |allergic|married|divorced|single|vegan|vegetarian|from|based|born|afraid|scared|into)\b)/i;

/** "Lives in Hull" behind "Ben is allergic to cats" -> "Ben lives in Hull". */
const withDroppedPerson = (sentence: string, person: string | undefined): string =>
  person !== undefined && opensWithVerb.test(sentence)
    ? `${person} ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`
    : sentence;

/** A sentence about whom the one before it names. */
const ofOthers = /^(?:he|she|it|they|his|her|its|their)\b/i;

/** People, relatives and pets that the sentences of a message have mentioned so far. */
export interface Mentions {
  /** Relative or pet that a pronoun may mean. */
  antecedent(): string | undefined;
  /** A sentence with the name of a person in the place of the pronoun at its beginning. */
  withPerson(sentence: string): string;
  /** Notes whom a sentence mentions. */
  note(sentence: string): void;
}

/** Follows the mentions of a message. In chats of several people and in documents there are none. */
export const trackMentions = ({
  tag,
  isPeerChat,
  isDocument,
  lastMentioned,
}: {
  tag: Tagger;
  isPeerChat: boolean;
  isDocument: boolean;
  lastMentioned?: string | undefined;
}): Mentions => {
  const isAlone = !isPeerChat && !isDocument;
  let antecedent = isAlone ? lastMentioned : undefined;
  let person: string | undefined;
  let firm: string | undefined;
  return {
    antecedent: () => antecedent,
    withPerson: (sentence) => {
      if (!isAlone) return sentence;
      const relative = antecedent === undefined ? undefined : `My ${antecedent}`;
      const whole = withDroppedPerson(sentence, person ?? relative);
      const named = withPerson(whole, person, tag);
      return firm === undefined ? named : named.replace(they, () => `${firm}: they `);
    },
    note(sentence) {
      firm = isAlone ? group.exec(sentence)?.[1] : undefined;
      const relative = antecedentOf(sentence);
      if (isAlone && !ofOthers.test(sentence)) person = personIn(sentence, tag);
      if (relative !== undefined) [antecedent, person] = [relative, undefined];
      else if (person !== undefined) antecedent = undefined;
    },
  };
};
