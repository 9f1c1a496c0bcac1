import { joinWords, type Word } from '../text/tagger.ts';
import { isModal, isPast } from '../text/verb-forms.ts';

const companions =
  /^((?:(?:[Mm]y|[Oo]ur|[Aa]|[Ss]ome|[Tt]he|[A-Z][a-z]+|(?!yes\b|no\b|so\b|and\b|but\b|ok\b|thanks\b)[a-z]{2,15}(?= and ))\b)(?: [\w'-]+){0,4}?),? and (?:I|me) (?=\w)/;
const meFirst = /^(?:[Mm]e|I) and ((?:my|our) [\w'-]+|[A-Z][\w'-]+) (?=\w)/;

const lowerDeterminer = (phrase: string): string =>
  phrase.replace(/^(?:My|Our|A|Some|The)\b/, (word) => word.toLowerCase());

/** "My wife and I moved" -> "I (with my wife) moved", so that the speaker is the only subject. */
const moveCompanions = (text: string, tag: (text: string) => Word[]): string => {
  const found = companions.exec(text)?.[1];
  const isName = found !== undefined && /^\p{Lu}\p{L}+$/u.test(found);
  if (
    found !== undefined &&
    !isName &&
    tag(found).some(({ pos }) => pos === 'VERB' || pos === 'AUX')
  )
    return text;
  const asAside = (_: string, companion: string) => `I (with ${lowerDeterminer(companion)}) `;
  return text.replace(companions, asAside).replace(meFirst, asAside);
};

const verb =
  '(?:is|are|was|were|has|had|will|just|loves?|likes?|works?|lives?|turned|got|died|started|moved|goes|plays?)';
const subject = `(?:(?:I|we)\\b(?! and I\\b)|(?:my|our) (?:[\\w'-]+ ){1,3}?${verb}\\b)`;
/** Boundary after which a new subject in the first person begins another fact. */
const betweenFacts = new RegExp(
  `(?:,? (?:and|but|so|plus|while|whereas)(?: (?:also|then|now|yes|actually|currently|today|yesterday),?)?|;| [-–—]+|(?<!\\.)\\.{2,}|:) (?=${subject})`,
  'i',
);
/** Boundary of two facts that only a comma separates. A comma after "last week" ends no fact, see `splitAtCommas`. */
const commaSplice = new RegExp(`, (?=${subject})`, 'i');
const opensFact = /^(?:I|we|my|our)\b./i;

/** A clause that only says that the habit of the clause before it is over. */
const isOver =
  /^(?:I|we) ((?:(?:have|then|finally|just|since) )*(?:quit|stopped|left|gave up|gave (?:it|that|them) up|gave (?:it|that) all up|do not(?: (?:it|that))? any ?more)(?: (?:it|that|doing (?:it|that|so)))?(?: (?:in|on|at|last|this|because|when|since|a few|many|some|\d+|two|three|\w+ (?:years?|months?|weeks?))\b.*)?)$/i;
const hasHabit = /\bused to\b/i;

/** Joins "I used to smoke" and "I quit" to one fact. */
const joinEndings = (parts: readonly string[]): string[] => {
  const joined: string[] = [];
  for (const part of parts) {
    const before = joined.at(-1);
    const ending = isOver.exec(part.trim().replace(/(?<![.!])[.!]+$/, ''))?.[1];
    if (before !== undefined && ending !== undefined && hasHabit.test(before))
      joined[joined.length - 1] = `${before} but ${ending}`;
    else joined.push(part);
  }
  return joined;
};

const splitAtCommas = (part: string): string[] => {
  const opening = opensFact.exec(part)?.[0];
  if (opening === undefined) return [part];
  const [first = '', ...others] = part.slice(opening.length).split(commaSplice);
  return [opening + first, ...others];
};

/** Verbs and predicates that begin a second fact about the same "I" after "and". */
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

/** Bound on the facts about one "I" in a sentence: each is tagged anew. */
const maxShared = 12;

/**
 * Index of an "and" after which another fact about "I" begins, as in "I live in SF and work at Google"; -1 without one.
 */
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

/** Splits a sentence into its facts, each with its own subject. */
export const clausesOf = (sentence: string, tag: (text: string) => Word[]): string[] => {
  const whole = moveCompanions(sentence, tag);
  const parts = opensCondition.test(whole)
    ? [whole]
    : whole.split(betweenFacts).flatMap(splitAtCommas);
  return joinEndings(parts)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap(splitPredicates)
    .flatMap((part) => splitSharedSubject(part, tag));
};
