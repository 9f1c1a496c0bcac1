/** Statements about the speaker that a question or a request takes for granted. */

/** A role in which the speaker asks: "is it deductible for me as a freelancer?" */
const role = /\bas (an? [^,?]{3,60}?)(?=[?.!]*$|,)/i;
/** Verbs with an "as" that names no role of the speaker: "can I use it as a template?" */
const otherAs =
  /\b(?:us(?:e|ing)|treat|sav(?:e|ing)|define|see|take|serve|count|regard|export|send|open|call|label|format|writ(?:e|ing)|put|keep|consider|wear|list|mark|set|return|pass|give|bring|describe|known|such|same|well|much|many|soon|long|far|big|good)\b|\b(?:work|working|works|apply|job|hired?|name|sell|start|live|dress|go|act|function)$/i;
const noRole =
  /^an? (?:result|rule|reminder|test|start|starter|side|snack|gift|present|file|list|table|string|number|whole|bonus|fallback|default|workaround|last|backup|base|joke|hobby|template|background|reference|dish|topping|substitute|function|service|team|group|family|couple)\b/i;
const mentionsSelf = /\b(?:I|me|my|mine|we|us|our)\b/;

const roleIn = (sentence: string): string | undefined => {
  const found = role.exec(sentence);
  const before = sentence.slice(0, found?.index ?? 0);
  const named = found?.[1] ?? '';
  return named === '' || noRole.test(named) || otherAs.test(before) || !mentionsSelf.test(before)
    ? undefined
    : `I am ${named}`;
};

/** A pattern, and the statement that its groups make. */
type Rule = readonly [pattern: RegExp, statement: string];

const relative =
  'wife|husband|partner|girlfriend|boyfriend|mother|mom|mum|father|dad|son|daughter|brother|sister|grandmother|grandma|grandfather|grandpa|aunt|uncle|cousin|niece|nephew|boss|roommate|flatmate|friend|neighbou?r|toddler|baby|kid|child|dog|cat|puppy|kitten|rabbit|hamster|horse|parrot';

const rules: readonly Rule[] = [
  [
    /^(?:[Ss]ince|[Bb]ecause|[Gg]iven that|[Ss]eeing that|[Nn]ow that) (\p{Lu}\p{Ll}{1,20} (?:is|has|will|cannot|[a-z]{2,12}(?:s|ed)) [^,?]{3,80}),/u,
    '$1',
  ],
  [/\blike the ([a-z-]{3,20}(?: [a-z-]{3,20})?) I am\b/i, 'I am a $1'],
  [/\b([a-z-]{3,15} [a-z-]{3,15}) like (?:mine|ours)\b/i, 'I have $1'],
  [
    /\b(?:people|persons?|someone|somebody|adults|women|men|kids) with ([^,?]{2,40}),? like (?:me|myself|us)\b/i,
    'I have $1',
  ],
  [/\bsomeone (?:who (?:is|was) )?born ([^,?]{3,40}),? like (?:me|myself)\b/i, 'I was born $1'],
  [
    /\b(?:the|this|that|an?) ([a-z][a-z -]{1,30}?) (?:that |which )?(I|we) (?:just |recently |finally )?(bought|own|rent|rented|inherited|adopted|drive|wear|built|leased|planted)\b([^,?]{0,80}?)(?=[?.!]*$|,)/i,
    '$2 $3 the $1$4',
  ],
  [
    /\b(?:the|an?) ([\p{L}\d][\p{L}\d -]{1,30}), which (I|we) (have|own|use|drive|take|wear)\b/iu,
    '$2 $3 the $1',
  ],
  [new RegExp(`\\b[Mm]y (${relative}), (an? [^,?]{3,60}?)(?=[?.!]*$|,)`, 'u'), 'My $1 is $2'],
  [
    /(?<=\s|^)([$€£]?\d[\d.,]{0,12}(?<=\d)(?: ?[\p{L}%€$£]{1,10})?), my ([a-z]{3,15}(?: [a-z]{3,15})?)(?=[?.!]*$|,)/iu,
    'My $2 is $1',
  ],
  [
    new RegExp(
      `^(?:is it|was it|is that|should I worry|how (?:bad|normal|common) is it)\\b[^,?]{0,40} (?:that|because|since|when|if) (my (?:${relative}) (?:(?:only|still|never|always|often|just|barely|hardly) )?[a-z]{2,15}s\\b[^?]{0,100})\\?*$`,
      'i',
    ),
    '$1',
  ],
  [
    new RegExp(
      `^(?:do you know )?why does (my (?:[a-z]{3,10} )?(?:${relative})) (?:(always|still|often|only|never) )?([a-z]{3,12}) ([^?]{3,100})\\?*$`,
      'i',
    ),
    '$1 $2 $3s $4',
  ],
  [
    new RegExp(
      `^(?:do you know )?why (is|are|has) (my (?:[a-z]{3,10} )?(?:${relative})) ([^?]{3,100})\\?*$`,
      'i',
    ),
    '$2 $1 $3',
  ],
  [
    /\blet (?!me\b|you\b|us\b)(?:[\w']{1,20} ){1,3}know (?:that )?((?:I|we) (?!can|will|would|should|want|need|do\b)[^,?]{3,100})/i,
    '$1',
  ],
  [/\blet it be known that ([^?]{5,100})/i, '$1'],
  [
    /\b(?:put down|write down|jot down|add|mention|state) (?:[\w']{1,20} ){0,3}that ((?:I|we) (?:am|are|have|had|do not|was|were)\b[^,?]{3,100})/i,
    '$1',
  ],
  [
    /[,;] ((?:visiting|moving to|travell?ing to|flying to|staying (?:at|with|in)|hosting|celebrating|expecting|recovering from|training for|studying|living in|renovating) (?!you\b)[^,?]{3,60}?)[?.!]*$/i,
    'I am $1',
  ],
  [/\b([a-z]{3,15})s, (?:and |since |because |as )?I am one\b/i, 'I am a $1'],
];

/** Statements that a question or a request takes for granted: "explain it to me like the baker I am". */
export const impliedIn = (sentence: string): string[] => {
  const inRole = roleIn(sentence);
  const implied = rules.flatMap(([pattern, statement]) => {
    const found = pattern.exec(sentence);
    if (!found) return [];
    const text = statement.replace(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '');
    return [`${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/ {2,}/g, ' ')];
  });
  return inRole === undefined ? implied : [inRole, ...implied];
};
