import { thirdPerson } from '../text/verb-forms.ts';
import type { AnswerRule, Asked } from './answer-rules.ts';
import { pastOf } from './spoken-answers.ts';

/** Rules that turn questions of any verb into statements. Each is tried where no rule for a question of its own fits. */

const part = (match: RegExpExecArray, at: number): string => (match[at] ?? '').trim();

const preposition =
  /^(?:in|at|on|near|to|by|from|around|outside|through|with|for|under|above|behind|next|back|last|this|every|since|until|after|before|because|so|tomorrow|today)\b/i;
const endsInPreposition = /\b(?:in|at|on|to|from|for|with|about|of|by|towards?|into)$/i;
const named = "((?:[\\w'-]+ ){0,2}?[\\w'-]+)";
const addressed = /\b(?:you|yourself|I|me)\b/;

/** The preposition that a place, a day or a reason lacks behind its statement. */
const leadTo = (asks: string, statement: string, value: string): string => {
  if (preposition.test(value) || endsInPreposition.test(statement)) return '';
  if (asks === 'where') return /\d/.test(value) ? 'at ' : 'in ';
  if (asks === 'when') return /^\d{1,2}(?::\d\d)?(?: ?[ap]m)?$/i.test(value) ? 'at ' : 'on ';
  return asks === 'why' ? 'because of ' : '';
};

const adverbs = /^(?:(?:usually|normally|typically|mostly|generally|currently|often) )*/i;

/** An auxiliary verb, whom of the speaker a question is about, if not the speaker, and the rest of it. */
interface Clause {
  auxiliary: string;
  owned: string;
  rest: string;
}

const subjectOf = ({ owned }: Clause): string => (owned === '' ? 'I' : `My ${owned}`);

const auxiliaryOf = ({ auxiliary, owned }: Clause): string => {
  if (owned !== '') return auxiliary;
  return { are: 'am', were: 'was' }[auxiliary] ?? auxiliary;
};

/** "usually fly from" with its verb in another form. */
const withVerb = (rest: string, change: (verb: string) => string): string => {
  const adverb = adverbs.exec(rest)?.[0] ?? '';
  const [verb = '', ...others] = rest.slice(adverb.length).split(' ');
  return [`${adverb}${change(verb)}`, ...others].join(' ');
};

const predicates: { readonly [auxiliary: string]: (rest: string) => string } = {
  do: (rest) => rest,
  does: (rest) => withVerb(rest, thirdPerson),
  did: (rest) => withVerb(rest, (verb) => pastOf(verb) ?? `did ${verb}`),
};

/** The statement of a question: "do" and "usually fly from" -> "I usually fly from". */
const statementOf = (clause: Clause): string => {
  const predicate = predicates[clause.auxiliary];
  const { rest } = clause;
  const said = predicate ? predicate(rest) : `${auxiliaryOf(clause)} ${rest}`;
  return `${subjectOf(clause)} ${said}`.trimEnd();
};

/** "I do not drive", "I am no longer at Bosch". */
const deniedOf = (clause: Clause, isOver: boolean): string => {
  const { auxiliary, rest } = clause;
  const predicate = predicates[auxiliary];
  if (!isOver) return `${subjectOf(clause)} ${auxiliaryOf(clause)} not ${rest}`;
  const said = predicate
    ? `no longer ${predicate(rest)}`
    : `${auxiliaryOf(clause)} no longer ${rest}`;
  return `${subjectOf(clause)} ${said}`;
};

const clauseOf = (match: RegExpExecArray, from: number): Clause => ({
  auxiliary: part(match, from).toLowerCase(),
  owned: part(match, from + 1),
  rest: part(match, from + 2),
});

/** "What instrument does your son play?" "the cello": "My son plays the cello". */
const inverted = (match: RegExpExecArray, { value }: Asked): string | undefined => {
  const clause = clauseOf(match, 2);
  if (value === '' || addressed.test(clause.rest)) return undefined;
  const statement = statementOf(clause);
  const asks = /^\w+/.exec(part(match, 1))?.[0]?.toLowerCase() ?? '';
  return `${statement} ${leadTo(asks, statement, value)}${value}`;
};

/** "What instrument does your son play?": the words behind the owner are the verb; "Where is your office?" has none. */
const ofOwned = (match: RegExpExecArray, asked: Asked): string | undefined => {
  const [auxiliary, whole] = [part(match, 2), part(match, 3)];
  if (!/^(?:does|did|has|have)$/i.test(auxiliary) && !endsInPreposition.test(whole))
    return inverted(match, asked);
  const [owned = '', ...rest] = whole.split(' ');
  return rest.length === 0 || asked.value === ''
    ? undefined
    : `${statementOf({ auxiliary: auxiliary.toLowerCase(), owned, rest: rest.join(' ') })} ${asked.value}`;
};

const states =
  /^(?:retired|divorced|single|married|engaged|widowed|unemployed|self-employed|vegan|vegetarian|pescatarian|pregnant|freelance|a student)$/i;
const weekdays = /^(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b/i;
const times =
  /^(?:(?:only |just )?(?:on )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|weekdays|mornings|evenings)\b|once|twice|daily|weekly|every|sometimes|rarely|occasionally|\d+x? )/i;
const denies = /^(?:not|never) (?=(?:since|for|in|on|at|any|every|after|before|with|really)\b)/i;
/** A verb with its object, in the place of which another one may stand: "drink coffee" and "decaf only". */
const shown =
  /^((?:have|drink|eat|take|use|play|speak|read|wear|watch|own|cook|teach|study|drive|keep|grow|collect|follow|support)) (?:any |an? |some |the )?[\w'-]+(?: [\w'-]+)?$/i;
/** Offers of the assistant and questions about the conversation. */
const ofRequest =
  /^(?:want|need|think|know|mean|see|have (?:any )?(?:time|questions?|a moment)|sure|ready|there|ok|okay)\b/i;

/** Words in the place of "yes" or "no": "decaf only", "mondays". */
const undecided = (clause: Clause, value: string): string | undefined => {
  const { auxiliary, owned, rest } = clause;
  if (owned === '' && states.test(value)) return `I am ${value}`;
  if (denies.test(value)) return `${deniedOf(clause, false)} ${value.replace(denies, '')}`;
  if (times.test(value))
    return `${statementOf(clause)} ${weekdays.test(value) ? 'on ' : ''}${value}`;
  const verb = auxiliary === 'do' || auxiliary === 'does' ? shown.exec(rest)?.[1] : undefined;
  return verb === undefined || /^(?:no|none|not|never)\b/i.test(value)
    ? undefined
    : `${statementOf({ ...clause, rest: verb })} ${value}`;
};

/** Words behind "yes" or "no", or in their place. */
const decided = (match: RegExpExecArray, { value, agrees }: Asked): string | undefined => {
  const asked = clauseOf(match, 1);
  const rest = asked.rest
    .replace(/^(?:still|ever|already|also) /i, '')
    .replace(/ (?:yet|already|too)$/i, '');
  if (addressed.test(rest) || ofRequest.test(rest)) return undefined;
  const clause = { ...asked, rest };
  if (agrees === undefined) return undecided(clause, value);
  const statement = agrees ? statementOf(clause) : deniedOf(clause, /^still\b/i.test(asked.rest));
  return value === '' ? statement : `${statement}, ${value}`;
};

/** The option of a question that an answer names. */
const chosen = ({ value }: Asked, ...offered: string[]): string | undefined =>
  offered.some((one) => value.toLowerCase().includes(one.toLowerCase()))
    ? `I prefer ${value}`
    : undefined;

const feeling =
  /^(?:(?:I )?(?:really |absolutely )?)(love|like|hate|enjoy|adore|dislike|cannot stand|do not like) (?:it|them|him|her)\b/i;

const stated = (value: string, text: string): string | undefined =>
  value === '' ? undefined : text;

/** Rules for questions of any verb, in the order in which they are tried. */
export const invertedQuestions: readonly AnswerRule[] = [
  [
    /^(?:may|can|could) I ask how old you are$/i,
    (_, { value }) => stated(value, `I am ${value} years old`),
  ],
  [
    /^what do you think (?:of|about) ([^,]{2,40})$/i,
    (match, { value }) => {
      const verb = feeling.exec(value)?.[1];
      return verb === undefined ? undefined : `I ${verb} ${part(match, 1)}`;
    },
  ],
  [
    /^what does your ([\w'-]+) do(?: for (?:a living|work))?$/i,
    (match, { value }) =>
      stated(value, `My ${part(match, 1)} ${/^an? /i.test(value) ? 'is' : 'works as'} ${value}`),
  ],
  [
    /^who is (\p{Lu}[\p{L}'-]{1,30})$/u,
    (match, { value }) =>
      /^(?:my )?[a-z-]+(?: [a-z-]+)?$/.test(value)
        ? `${part(match, 1)} is my ${value.replace(/^my /, '')}`
        : undefined,
  ],
  [
    /^when (?:is|are) the ([^,]{2,40})$/i,
    (match, { value }) =>
      stated(value, `The ${part(match, 1)} is ${leadTo('when', '', value)}${value}`),
  ],
  [
    /^((?:blood|shoe|dress|ring|hat|shirt) (?:type|size|group)|favou?rite [a-z]+|diet|hobbies|time ?zone|eye colou?r|star sign|surname|name|age|height|weight|address|city|job|occupation|phone number|birthday|e-?mail|nationality|budget|size)$/i,
    (match, { value }) => stated(value, `My ${part(match, 1).toLowerCase()} is ${value}`),
  ],
  [
    new RegExp(`^your ${named}$`, 'i'),
    (match, { value }) => stated(value, `My ${part(match, 1)} is ${value}`),
  ],
  [
    /^(?:when|what (?:day|time)|which (?:day|time|date)) (?:works|suits|fits|is (?:best|good|better))(?: best| better)?(?: for)? you$/i,
    (_, { value }) => stated(value, `I prefer ${value}`),
  ],
  [
    /^(?:is|are|should|shall|would|do you want|which(?: one)?)\b[^,]{0,40}?([\w'-]{2,20}) or (?:an? |the |on )?([\w'-]{2,20})\b[^,]{0,40}$/i,
    (match, asked) => chosen(asked, part(match, 1), part(match, 2)),
  ],
  [
    new RegExp(
      `^(?:who|what|which [\\w-]+) (?:should|shall|can|may) I (?:put|use|set|write|note|add|enter|save|list)(?: down)? (?:as|for) (?:the|your) ${named}$`,
      'i',
    ),
    (match, { value }) => stated(value, `My ${part(match, 1)} is ${value}`),
  ],
  [
    /^(?:which|what) (size|colou?r|language|time ?zone|address|model|brand|airport|team|gym|city|country|school|bank|floor|department)$/i,
    (match, { value }) => stated(value, `My ${part(match, 1)} is ${value}`),
  ],
  [
    /^(?:for )?how many ([\w'-]+)$/i,
    (match, { value }) => stated(value, `The number of ${part(match, 1)} is ${value}`),
  ],
  [
    /^((?:what|which|who|whom|where|when|why|how)(?: [\w'-]+){0,3}?) (do|did|are|were|have) you()(?: ([^,]{2,60}))$/i,
    inverted,
  ],
  [
    new RegExp(
      `^((?:what|which|who|whom|where|when|how)(?: [\\w'-]+){0,3}?) (does|did|is|are|was|were|has|have) your ${named}()$`,
      'i',
    ),
    ofOwned,
  ],
  [
    /^you (are|have|were)() ([^,]{2,60})$/i,
    (match, asked) => (asked.agrees === undefined ? undefined : decided(match, asked)),
  ],
  [/^(do|did|are|were|have|can) you() ([^,]{2,60})$/i, decided],
  [/^(does|did|is|was|has|can) your ([\w'-]+) ([^,]{2,60})$/i, decided],
];
