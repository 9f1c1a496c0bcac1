import { joinWords, type Word } from '../text/tagger.ts';
import { isModal, isPast } from '../text/verb-forms.ts';
import { moveCompanions } from './companions.ts';

const verb =
  '(?:is|are|was|were|has|had|will|just|loves?|likes?|works?|lives?|turned|got|died|started|moved|goes|plays?)';
const subject = `(?:(?:I|we)\\b(?! and I\\b)|(?:my|our) (?:[\\w'-]+ ){1,3}?${verb}\\b)`;
/** Where a new subject of the speaker's own begins another fact. */
const betweenFacts = new RegExp(
  `(?:,? (?:and|but|so|plus|while|whereas)(?: (?:also|then|now|yes|actually|currently|today|yesterday),?)?|;| [-–—]+|(?<!\\.)\\.{2,}|:) (?=${subject})`,
  'i',
);
/** Two facts with nothing but a comma between them; after "last week," it ends no fact. */
const commaSplice = new RegExp(`, (?=${subject})`, 'i');
const opensFact = /^(?:I|we|my|our)\b./i;

const splitAtCommas = (part: string): string[] => {
  const opening = opensFact.exec(part)?.[0];
  if (opening === undefined) return [part];
  const [first = '', ...others] = part.slice(opening.length).split(commaSplice);
  return [opening + first, ...others];
};

/** Verbs and predicates with which "and" begins a second fact about the same "I". */
const freshVerbs = new Set(
  'live work have own love like hate prefer study speak play drive enjoy am was moved got started joined bought adopted teach run collect dislike'.split(
    ' ',
  ),
);
const predicates =
  /^(I am(?: (?:also|currently|now))?) ([^,]{2,60}?),? and (?:I am )?((?:also )?(?:allergic|intolerant|married|single|divorced|engaged|vegetarian|vegan|living|working|based|originally from|from|a|an|\d+ years old)\b.*)$/i;
const introduction = /^(I am [A-Z][\w'-]+(?: [A-Z][\w'-]+)?), (an? .+|\d{1,3}\b.*)$/;
const opensCondition =
  /^(?:if|when|whenever|while|since|because|although|though|after|before|as|until|unless|once)\b/i;

const splitPredicates = (clause: string): string[] => {
  const pair = predicates.exec(clause) ?? undefined;
  if (pair && !/\b(?:that|who|which|to)\b/.test(pair[2] ?? ''))
    return [`${pair[1]} ${pair[2]}`, `${pair[1]} ${pair[3]}`];
  const named = introduction.exec(clause);
  return named ? [`${named[1]}`, `I am ${named[2]}`] : [clause];
};

/** Facts about one "I" that a sentence joins; each is read anew. */
const maxShared = 12;

/** Index of an "and" behind which "I" begins another fact, as in "I live in SF and work at Google". */
const sharedSubject = (words: readonly Word[]): number => {
  if (words[0]?.text !== 'I') return -1;
  const stop = words.findIndex(
    ({ lower }) =>
      lower === 'to' || isModal(lower) || /^(?:that|who|which|if|when|because)$/.test(lower),
  );
  const past = words.slice(1, 4).some(({ lower }) => isPast(lower));
  return words.findIndex(({ lower }, i) => {
    if (lower !== 'and' && lower !== 'but') return false;
    if (stop >= 0 && stop < i) return false;
    const next = words
      .slice(i + 1)
      .find((word) => !/^(?:also|now|currently|then)$/.test(word.lower));
    return next !== undefined && freshVerbs.has(next.lower) && isPast(next.lower) === past;
  });
};

const splitSharedSubject = (
  clause: string,
  tag: (text: string) => Word[],
  max = maxShared,
): string[] => {
  if (max === 0) return [clause];
  const words = tag(clause);
  const at = sharedSubject(words);
  if (at < 0) return [clause];
  const first = joinWords(words.slice(0, at));
  return [
    first.replace(/,$/, ''),
    ...splitSharedSubject(`I ${joinWords(words.slice(at + 1))}`, tag, max - 1),
  ];
};

/** The facts a sentence joins, each with its own subject. */
export const clausesOf = (sentence: string, tag: (text: string) => Word[]): string[] => {
  const whole = moveCompanions(sentence, tag);
  const parts = opensCondition.test(whole)
    ? [whole]
    : whole.split(betweenFacts).flatMap(splitAtCommas);
  return parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap(splitPredicates)
    .flatMap((part) => splitSharedSubject(part, tag));
};
