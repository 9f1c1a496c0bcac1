import { thirdPerson } from '../text/verb-forms.ts';

/** A question with its answer. */
export interface Asked {
  question: string;
  /** The answer without "yes" or "no". */
  value: string;
  agrees: boolean | undefined;
}

export type AnswerRule = readonly [
  RegExp,
  (match: RegExpExecArray, asked: Asked) => string | undefined,
];

const part = (match: RegExpExecArray, at: number): string => match[at] ?? '';
const stated = (value: string, text: string): string | undefined =>
  value === '' ? undefined : text;

const without = (value: string, word: RegExp): string => value.replace(word, '');

/** "ends in 4471", "still hurts": a predicate of its own. */
const opensWithVerb =
  /^(?:still |always |just |now )?(?:ends|starts|hurts|begins|works|goes|comes|runs|has|needs|depends|varies|changed|expired)\b/i;

const swapped = /\b(?:other way (?:round|around)|opposite|vice versa|reverse)\b/i;

const preferred = (match: RegExpExecArray, { value, agrees }: Asked): string | undefined => {
  const [first, second] = [part(match, 1), part(match, 2)];
  if (swapped.test(value)) return `I prefer ${second} to ${first}`;
  if (value === '') return agrees ? `I prefer ${first} to ${second}` : undefined;
  return `I prefer ${value}`;
};

const frequency =
  /^(?:sometimes|rarely|occasionally|every|once|twice|on|a few|in the|daily|weekly)\b|\b(?:times|days|hours|nights|an? (?:day|week|month|year))\b/i;
/** Answers that go on behind "yes" or "no" without naming another thing. */
const furthers =
  /^(?:not |never|for |since |every |once |twice |on |in |a lot|a bit|all the time|sometimes|only |with |at |about |almost |ever )/i;

const timed = (value: string): string =>
  /^(?:\d|noon|midnight|half|quarter)/i.test(value) ? `at ${value}` : value;

/** Answer to a question about a relative: "Is your daughter in school yet?" "no". */
const ofRelative = (match: RegExpExecArray, { value, agrees }: Asked): string | undefined => {
  const [verb, relative, rest] = [part(match, 1).toLowerCase(), part(match, 2), part(match, 3)];
  if (agrees === undefined || value !== '') return undefined;
  const what = rest.replace(/ (?:yet|already|too)$/i, '');
  if (!agrees) return `My ${relative} ${verb} not ${what}`;
  const [action = '', ...others] = what.split(' ');
  return verb === 'does'
    ? `My ${relative} ${[thirdPerson(action), ...others].join(' ')}`
    : `My ${relative} ${verb} ${what}`.replace(/ do /, ' ');
};

const articleOf = (question: string, value: string): string => {
  const at = question.toLowerCase().indexOf(` a ${value.toLowerCase()}`);
  return at >= 0 ? 'a ' : '';
};

/** "both", "neither", "the former" in answer to an offer of two. */
const ofBoth = (first: string, second: string, value: string): string | undefined => {
  if (/^(?:both|either|i like both)\b/i.test(value)) return `I like both ${first} and ${second}`;
  if (/^neither$/i.test(value)) return `I like neither ${first} nor ${second}`;
  if (/^the (?:former|first(?: one)?)$/i.test(value)) return `I prefer ${first}`;
  return /^the (?:latter|second(?: one)?|last one)$/i.test(value)
    ? `I prefer ${second}`
    : undefined;
};

const amountAlone =
  /^(?:(?:only|just|about) )?(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)(?: of (?:them|those|each))?$/i;
const ofIt =
  /^((?:just |recently )?(?:sold|lost|broke|gave away|gave up|returned|cancelled|quit|dropped|ditched|crashed|finished|got rid of)) (?:it|them|mine|that)\b/i;

/** "3" or "sold it" in answer to "Do you have a car": the amount or the end of what was asked for. */
const ofObject = (verb: string, asked: string, value: string): string | undefined => {
  const object = asked.replace(/^(?:an?|any|some|the) /i, '');
  if (amountAlone.test(value)) return `I ${verb} ${value.split(' of ')[0]} ${object}`;
  const done = ofIt.exec(value);
  return done ? `I ${done[1]} my ${object}${value.slice(done[0].length)}` : undefined;
};

/** Patterns of questions, each with the statement that their answers make, in the order in which they are tried. */
export const answerRules: readonly AnswerRule[] = [
  [
    /^what (?:should|shall|can|may|do) (?:I|people) call you$/i,
    (_, { value }) => stated(value, `I prefer to be called ${value}`),
  ],
  [
    /^(?:what|who) (?:is|are) your ([^,]{2,80})$/i,
    (match, { value }) =>
      opensWithVerb.test(value) ? undefined : stated(value, `My ${part(match, 1)} is ${value}`),
  ],
  [
    /^how many ([^,]{2,40}) do you have$/i,
    (match, { value }) => stated(value, `I have ${value} ${part(match, 1)}`),
  ],
  [/^how old are you$/i, (_, { value }) => stated(value, `I am ${value} years old`)],
  [
    /^how old is your ([^,]{2,40})$/i,
    (match, { value }) => stated(value, `My ${part(match, 1)} is ${value} years old`),
  ],
  [
    /^where (?:do you live|are you based)$/i,
    (_, { value }) => stated(value, `I live in ${without(value, /^in /i)}`),
  ],
  [
    /^where do you work$/i,
    (_, { value }) => stated(value, `I work at ${without(value, /^(?:at|for) /i)}`),
  ],
  [
    /^where are you from$/i,
    (_, { value }) => stated(value, `I am from ${without(value, /^from /i)}`),
  ],
  [
    /^(?:what|which)(?: [^,]{2,40})? do you (play|speak|drive|use|prefer|like|study|teach|own|drink|eat|read|watch|want)(?: [^,]{1,40})?$/i,
    (match, { value }) => stated(value, `I ${part(match, 1)} ${value}`),
  ],
  [
    /^(?:which|what) [^,]{2,30} (?:should|shall) I (use|pick|choose|book|take|add)( (?:for|in|to) [^,]{2,40})?$/i,
    (match, { value }) =>
      stated(
        value,
        `I want the assistant to ${part(match, 1)} ${without(value, /^(?:use|pick|choose|book|take|add) /i)}${part(match, 2)}`,
      ),
  ],
  [
    /^(?:do you have )?any ([^,]{2,60}?)(?: (?:I should know about|to consider|I should know))?$/i,
    (match, { value, agrees }) => {
      if (value !== '')
        return agrees === false
          ? `I have no ${part(match, 1)}, ${value}`
          : `I have ${part(match, 1)}: ${value}`;
      return agrees === false ? `I have no ${part(match, 1)}` : undefined;
    },
  ],
  [
    /^(?:so |and )?(?:do|would) you (?:prefer|like) ([^,]{2,40}) (?:or|over|to|rather than) ([^,]{2,40})$/i,
    preferred,
  ],
  [/^you prefer ([^,]{2,40}) (?:or|over|to|rather than) ([^,]{2,40})$/i, preferred],
  [
    /^are you (\w+) or (\w+)[ -](handed|footed|eyed|haired|sighted)$/i,
    (match, { value }) =>
      [part(match, 1), part(match, 2)].some((side) => value.toLowerCase().startsWith(side))
        ? `I am ${value} ${part(match, 3)}`
        : undefined,
  ],
  [
    /^who (?:should|shall|can|do|would) (?:I|we) (?:contact|call|notify|phone)(?: (?:in|if|for) .{2,40})?$/i,
    (_, { value }) => stated(value, `My emergency contact is ${value}`),
  ],
  [
    /^do you (?:still )?(have|own|take|keep|use|need|want|play|drink|eat) ([^,]{2,30})$/i,
    (match, { value }) => ofObject(part(match, 1), part(match, 2), value),
  ],
  [
    /^are you [^,]{2,40} or [^,]{2,40}$/i,
    (_, { question, value }) => stated(value, `I am ${articleOf(question, value)}${value}`),
  ],
  [
    /^is (\p{Lu}[\p{L}'-]{1,30}) your ([^,]{2,40})$/iu,
    (match, { value, agrees }) => {
      if (value !== '') return `${part(match, 1)} is my ${without(value, /^my /i)}`;
      return agrees === undefined
        ? undefined
        : `${part(match, 1)} is ${agrees ? '' : 'not '}my ${part(match, 2)}`;
    },
  ],
  [
    /^did you ((?:grow up|study|work|live|move|travel|train) [^,]{2,60})$/i,
    (match, { value, agrees }) => {
      if (agrees === undefined) return undefined;
      const other = agrees || value === '' ? '' : ` but ${value}`;
      return `I did ${agrees ? '' : 'not '}${part(match, 1)}${other}`;
    },
  ],
  [
    /^(?:what time|when) do you (?:usually |normally |typically )?([^,]{2,60})$/i,
    (match, { value }) => stated(value, `I ${part(match, 1)} ${timed(value)}`),
  ],
  [
    /^how (?:often|much|many times(?: a \w+)?) do you (?:usually )?([^,]{2,60})$/i,
    (match, { value }) => stated(value, `I ${part(match, 1)} ${value}`),
  ],
  [
    /^how long have you (?:been )?([^,]{2,60})$/i,
    (match, { question, value }) =>
      stated(
        value,
        `I have ${/ been /.test(question) ? 'been ' : ''}${part(match, 1)} ${/^(?:for|since)\b/i.test(value) ? '' : 'for '}${value}`,
      ),
  ],
  [
    /^(?:where|who|whom) do you ((?:\w+ )*?\w+?)( with| in| at| for)?$/i,
    (match, { value }) => stated(value, `I ${part(match, 1)}${part(match, 2)} ${value}`),
  ],
  [
    /^(?:which|what) ([\w' -]{2,30}) do you (wear|take|have|need|prefer|own|watch|read|support|follow)$/i,
    (match, { value }) => stated(value, `I ${part(match, 2)} ${part(match, 1)} ${value}`),
  ],
  [
    /^how many ([\w' -]{2,40}) (?:are (?:coming|there|you)|will (?:come|there be))(?: .{1,30})?$/i,
    (match, { value }) => stated(value, `The number of ${part(match, 1)} is ${value}`),
  ],
  [
    /^([\w' -]{2,25}) or ([\w' -]{2,25})$/i,
    (match, { value }) => {
      const all = ofBoth(part(match, 1), part(match, 2), value);
      if (all !== undefined) return all;
      const isOffered = [part(match, 1), part(match, 2)].some((offered) =>
        value.toLowerCase().includes(offered.toLowerCase().replace(/^(?:an?|the) /, '')),
      );
      return isOffered ? `I prefer ${value}` : undefined;
    },
  ],
  [
    /^(is|are|does|do|has|have) your ([\w'-]+) ([^,]{2,60})$/i,
    (match, asked) => ofRelative(match, asked),
  ],
  [
    /^(?:what|which [\w-]+) are you (\w+ing)(?: .{1,30})?$/i,
    (match, { value }) => stated(value, `I am ${part(match, 1)} ${value}`),
  ],
  [
    /^(?:what|where|when|who) did you ([^,]{2,60})$/i,
    (match, { value }) => stated(value, `I did ${part(match, 1)} ${value}`),
  ],
  [
    /^when (?:is|are) your ([^,]{2,60})$/i,
    (match, { value }) => stated(value, `My ${part(match, 1)} is ${value}`),
  ],
  [
    /^are you ([\w-]+ (?:to|of|about|with|in|into)) (?:any|some|every)\w*(?: .{1,30})?$/i,
    (match, { value, agrees }) => {
      if (value !== '') return `I am ${part(match, 1)} ${value}`;
      return agrees === false ? `I am not ${part(match, 1)} anything` : undefined;
    },
  ],
  [
    /^do you (\w+) ([^,]{2,40})$/i,
    (match, { value }) => {
      if (
        !/^(?:live|work|sleep|travel|go|come|feel)$/i.test(part(match, 1)) &&
        /^(?:an?|one|two|three|four|five|six|several|\d+) [a-z]/i.test(value) &&
        !frequency.test(value)
      )
        return `I ${part(match, 1)} ${value}`;
      if (/^(?:only|just|mostly|mainly) /i.test(value)) return `I ${part(match, 1)} ${value}`;
      if (frequency.test(value)) return `I ${part(match, 1)} ${part(match, 2)} ${value}`;
      return undefined;
    },
  ],
  [
    /^how do you (?:usually |normally )?((?!feel|do|know|like|want|think)\w[^,]{1,60})$/i,
    (match, { value }) => stated(value, `I ${part(match, 1)} ${value}`),
  ],
  [
    /^are you ([^,]{2,60})$/i,
    (match, { value, agrees }) => {
      if (agrees !== undefined && value === '')
        return `I am ${agrees ? '' : 'not '}${part(match, 1)}`;
      const isAnother = /^(?:an? )?[a-z-]+(?: [a-z-]+)?$/.test(value);
      return agrees !== true && isAnother ? `I am ${value}` : undefined;
    },
  ],
  [
    /^do you ((?!know|think|want|need|mean|see)\w+[^,]{0,60})$/i,
    (match, { value, agrees }) => {
      if (agrees === undefined || (value !== '' && !furthers.test(value))) return undefined;
      const further = value === '' || /^never\b/i.test(value) ? '' : `, ${value}`;
      return `I ${agrees ? '' : 'do not '}${part(match, 1)}${further}`;
    },
  ],
];
