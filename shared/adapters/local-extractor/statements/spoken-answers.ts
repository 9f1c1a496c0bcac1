import type { AnswerRule, Asked } from './answer-rules.ts';

const part = (match: RegExpExecArray, at: number): string => match[at] ?? '';
const stated = (value: string, text: string): string | undefined =>
  value === '' ? undefined : text;

const pasts: ReadonlyMap<string, string> = new Map(
  'grow:grew pass:passed fail:failed lose:lost win:won change:changed leave:left meet:met study:studied go:went live:lived work:worked travel:travelled buy:bought learn:learned move:moved get:got start:started do:did eat:ate choose:chose see:saw marry:married find:found quit:quit decide:decided stop:stopped graduate:graduated adopt:adopted train:trained stay:stayed'
    .split(' ')
    .map((pair): [string, string] => {
      const [verb = '', past = ''] = pair.split(':');
      return [verb, past];
    }),
);
const preposition =
  /^(?:in|at|on|near|to|by|from|around|outside|through|back|last|this|yesterday|two|three|\d)\b/i;

/** "grow up" in the past tense; undefined for verbs that are not known. */
export const pastOf = (action: string): string | undefined => {
  const [verb = '', ...others] = action.split(' ');
  const past = pasts.get(verb.toLowerCase());
  return past === undefined ? undefined : [past, ...others].join(' ');
};

/** Answer with a feeling: "love it", "hate them". */
const feels =
  /^(?:really |absolutely |kind of )?(love|like|hate|enjoy|adore|dislike|cannot stand|do not like) (?:it|that|them|this)(?:[ ,].*)?$/i;
const gaveUp = /^(?:quit|stopped|gave (?:it )?up|used to)\b/i;
const often =
  /^(?:every|once|twice|sometimes|rarely|occasionally|daily|weekly|most|on|a few|three|four|only|all the time|a lot)\b/i;

/** "make it six" in answer to an offer for four: the offer with the other number. */
const withNumber = (offer: string, value: string): string | undefined => {
  const number = /^make (?:it|that) (\S+)/i.exec(value)?.[1]?.replace(/,$/, '');
  const amended = offer.replace(
    /\b(?:for|at|on) [^ ]+$/i,
    (end) => `${end.split(' ')[0]} ${number}`,
  );
  return number === undefined || amended === offer ? undefined : amended;
};

const offered = (match: RegExpExecArray, { value }: Asked): string | undefined => {
  const [verb, object] = [part(match, 1), part(match, 2)];
  const amended = withNumber(`${verb} ${object}`, value);
  if (amended !== undefined) return `I want the assistant to ${amended}`;
  const isThing = /^(?:the|an?|my|\d|\p{Lu})/u.test(value);
  return isThing ? `I want the assistant to ${verb} ${value}` : undefined;
};

const named = ({ value, agrees }: Asked, asked: string): string | undefined => {
  const name =
    /^([\p{Lu}][\p{L}'-]{1,20}|\p{L}{2,12})(?: is (?:fine|better|good|ok|okay)| works| please|,? everyone does)?$/u.exec(
      value,
    )?.[1];
  if (value === '') return agrees ? `I prefer to be called ${asked}` : undefined;
  return name === undefined ? undefined : `I prefer to be called ${name}`;
};

/** Further patterns of questions, as people ask them in a chat. */
export const spokenAnswers: readonly AnswerRule[] = [
  [
    /^what do you do(?: for (?:a living|work)| professionally)?$/i,
    (_, { value }) =>
      stated(value, /^(?:an?|the) /i.test(value) ? `I am ${value}` : `I work as ${value}`),
  ],
  [
    /^how old are (?:your|the) ([^,]{2,40})$/i,
    (match, { value }) => stated(value, `My ${part(match, 1)} are ${value} years old`),
  ],
  [/^how tall are you$/i, (_, { value }) => stated(value, `I am ${value} tall`)],
  [/^how much do you weigh$/i, (_, { value }) => stated(value, `I weigh ${value}`)],
  [
    /^(?:can|could|would|will|may|might) (?:you|I) (?:please )?(?:tell me|give me|share|remind me of|ask|have|know) your ([^,]{2,40})$/i,
    (match, { value }) => stated(value, `My ${part(match, 1)} is ${value}`),
  ],
  [
    /^what is the name of your ([^,]{2,40})$/i,
    (match, { value }) => stated(value, `My ${part(match, 1)}'s name is ${value}`),
  ],
  [
    /^(?:shall|should|may|can) I call you (\p{L}{2,20})$/iu,
    (match, asked) => named(asked, part(match, 1)),
  ],
  [/^(?:shall|should|may|can) I (\w+) ([^,]{2,60})$/i, offered],
  [
    /^have you (?:ever |already )?((?:been|tried|had|visited|lived|worked|used|seen|played|studied) [^,]{2,50}?)(?: before| yet| already)?$/i,
    (match, { value, agrees }) => {
      if (agrees !== undefined && value === '')
        return `I have ${agrees ? '' : 'not '}${part(match, 1)}`;
      return often.test(value) || preposition.test(value)
        ? `I have ${part(match, 1)} ${value}`
        : undefined;
    },
  ],
  [
    /^(where|when|what|which [^,]{2,30}|who) did you ([^,]{2,50})$/i,
    (match, { value }) => {
      const past = pastOf(part(match, 2));
      if (past === undefined || value === '') return undefined;
      const lead = /^where$/i.test(part(match, 1)) && !preposition.test(value) ? 'in ' : '';
      return `I ${past} ${lead}${value}`;
    },
  ],
  [
    /^what did (the|your) ([^,]{2,30}?) (?:say|tell you|recommend|suggest|think|find)$/i,
    (match, { value }) =>
      stated(value, `${part(match, 1) === 'the' ? 'The' : 'My'} ${part(match, 2)} said ${value}`),
  ],
  [
    /^do you (take|use|play|speak|own|eat|drink|do|keep|follow|need|wear) any ([^,]{2,40})$/i,
    (match, { value, agrees }) => {
      if (agrees === false && value === '')
        return `I do not ${part(match, 1)} any ${part(match, 2)}`;
      return stated(value, `I ${part(match, 1)} ${value}`);
    },
  ],
  [
    /^do you (\w+) or (\w+)(?: [^,]{1,40})?$/i,
    (match, { value }) =>
      [part(match, 1), part(match, 2)].some((verb) => value.toLowerCase().startsWith(verb))
        ? `I ${value}`
        : undefined,
  ],
  [
    /^do you (?:still )?((?!know|think|want|need|mean|see)\w+)( [^,]{2,50})?$/i,
    (match, { value }) => {
      const [verb, object] = [part(match, 1), part(match, 2)];
      const feeling = feels.exec(value)?.[1];
      if (feeling !== undefined) return `I ${feeling.toLowerCase()}${object || ` to ${verb}`}`;
      if (gaveUp.test(value)) return `I used to ${verb}${object} but ${value}`;
      if (/^no \p{L}/u.test(value)) return `I have ${value}`;
      return object === '' && often.test(value) ? `I ${verb} ${value}` : undefined;
    },
  ],
  [
    /^is (?:it|this|that) your (\w+) ([^,]{2,30})$/i,
    (match, { value, agrees }) => {
      if (value === '') return agrees ? `It is my ${part(match, 1)} ${part(match, 2)}` : undefined;
      return /^(?:first|second|third|fourth|fifth|\d+(?:st|nd|rd|th)|last)$/i.test(value)
        ? `It is my ${value} ${part(match, 2)}`
        : undefined;
    },
  ],
  [
    /^(?:what|which [\w-]+) are you (\w+ing (?:for|on|to|about|with|at|towards?))$/i,
    (match, { value }) => stated(value, `I am ${part(match, 1)} ${value}`),
  ],
];
