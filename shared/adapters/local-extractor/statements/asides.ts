import { impliedIn } from './question-asides.ts';
import { isAsked } from './small-talk.ts';

/** Facts that a question or a request states on the way. */

const modal =
  'should|can|could|need|want|would|will|shall|might|may|must|do|did|were|had|think|believe|know|mean|say|ask|get|use|go|wonder|hope|understand|see|tell|guess|suppose|cannot';
/** A clause of the speaker that states something. */
const clause = `(?:I|we) (?!(?:${modal})\\b)[^,?]{3,100}|(?:my|our) [^,?]{2,60} (?:is|are|has|have|was) [^,?]{2,60}`;

const noRole =
  /^(?:an? )?(?:AI|assistant|example|joke|result|rule|reminder|test|start|starting point|last resort|whole|side note|bonus|matter|consequence|workaround|fallback|default|string|number|list|table|pdf|csv|file|expert|gift|present|side dish|starter|snack)\b/i;
const role = /^(?:speaking )?as (an? [^,?]{3,50}|someone who (?:is|has) [^,?]{3,50}),/i;
const reason = new RegExp(
  `^(?:since|because|given that|seeing (?:that|as)|considering(?: that)?|now that|as) (${clause}),`,
  'i',
);
const inside = new RegExp(
  `\\b(?:is it|was it|is that|does it) [^,?]{2,60} (?:that|because|since|when|if) (${clause})\\?`,
  'i',
);
const reported = new RegExp(
  `\\b(?:tell|told|telling|inform|remind|explain to|say to)(?: (?!(?:if|whether|how|what|why|where|when|who|which)\\b)[\\w']{1,20}){1,4} (?:that )?(${clause})(?=[,?.]|$)`,
  'i',
);
const behind = new RegExp(
  `[,;:] (?:(?:because|since|as|given that|and|but|btw|by the way|if it (?:helps|matters),) ?)?(${clause})[?.!]*$`,
  'i',
);
const people =
  'wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|mother|mom|mum|father|dad|son|daughter|brother|sister|grandmother|grandma|grandfather|grandpa|aunt|uncle|cousin|niece|nephew|(?:mother|father|sister|brother|son|daughter)[- ]in[- ]law|boss|manager|roommate|flatmate|neighbou?r|friend|colleague|landlord|landlady|dog|cat|puppy|kitten|rabbit|hamster|horse|parrot';
/** A relative or a pet with a name: "my wife Nora". */
const called = new RegExp(
  `\\b[Mm]y (?:(?:new|old|best|late|little|older|younger|elder|big|ex) )?(${people}),? ((?:(?:Mr|Mrs|Ms|Dr|Prof)\\.? )?\\p{Lu}\\p{Ll}[\\p{L}'-]{0,30})(?!['’]s?\\b|\\p{L})`,
  'u',
);
const renewed =
  /\b[Mm]y (new (?:baby|kitten|puppy|dog|cat|car|bike|apartment|flat|house|job|boyfriend|girlfriend))\b(?!,? \p{Lu})/u;
/** Statement about a relative or a pet: "my son, he turns 9 on Friday". */
const described = new RegExp(
  `\\b[Mm]y ((?:new |old |best |little |older |younger )?(?:${people}))(?: \\p{Lu}\\p{Ll}{1,20})?(?:,| -| –| —| who|\\. [Mm]ine)? ?(?:he |she |they |who )?(?<=he |she |they |who )((?:is|are|has|have|was|turns|turned|likes?|loves?|hates?|will|plays?|works?|lives?|studies|starts?|got|just|wants?|needs?|cannot|does|[a-z]{3,12}s)\\b[^?]{3,100})`,
  'u',
);
/** The age of a relative in parentheses: "my son (9)". */
const agedIn = new RegExp(`\\b[Mm]y (${people})(?: \\p{Lu}\\p{Ll}{1,20})? \\((\\d{1,2})\\)`, 'u');
const isNoName = /^(?:I|What|Who|How|When|Where|Why|Can|Could|Should|Is|Are|Do|Does|Will|Would)$/;

/** Statements about a relative or a pet whom a sentence names, describes or gives an age. */
const relativesIn = (sentence: string): string[] => {
  const [, relative, name = 'I'] = called.exec(sentence) ?? [];
  const [, person, what = ''] = described.exec(sentence) ?? [];
  const [, aged, age] = agedIn.exec(sentence) ?? [];
  return [
    ...(relative === undefined || isNoName.test(name) ? [] : [`My ${relative}'s name is ${name}`]),
    ...(person === undefined ? [] : [`My ${person} ${what.trim()}`]),
    ...(aged === undefined ? [] : [`My ${aged} is ${age} years old`]),
  ];
};

/**
 * Statements in the first person that a question or a request makes besides: "As a vegetarian, what can I order?", "my wife Nora".
 */
export const asidesIn = (sentence: string): string[] => {
  const asides: string[] = [];
  const part = role.exec(sentence)?.[1];
  if (part !== undefined && !noRole.test(part))
    asides.push(
      `I am ${part.replace(/^someone who (?:is|has) /i, (opening) => (/has /i.test(opening) ? 'a person with ' : ''))}`,
    );
  for (const pattern of [reason, inside, reported, behind]) {
    const stated = pattern.exec(sentence)?.[1];
    if (stated !== undefined && !asides.includes(stated)) asides.push(stated);
  }
  asides.push(...relativesIn(sentence));
  const implied = impliedIn(sentence);
  if (implied.length > 0)
    return [...asides.filter((aside) => !/^(?:I|we) am one$/i.test(aside)), ...implied];
  const thing = renewed.exec(sentence)?.[1];
  if (thing !== undefined && asides.length === 0) asides.push(`I have a ${thing.toLowerCase()}`);
  return asides;
};

const amends =
  /^(?:please |just |ok |actually )*(?:make (?:it|that)|(?:change|switch|move|push|shift|reschedule|postpone) (?:it|that|my|our)|put (?:me|us) down|(?:let's|lets|let us) (?:go with|make it|do|meet|move|say)|cancel (?:my|our)|sign (?:me|us) up)\b/i;
const proper =
  /\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|(?:mon|tues|wednes|thurs|fri|satur|sun)day|noon|midnight|tomorrow|instead)\b|\S \p{Lu}\p{L}/u;

/** "make it 6 pm instead", "switch my flight to Tuesday": a request that amends an arrangement of the speaker. */
export const amendmentIn = (sentence: string): string | undefined => {
  if (!amends.test(sentence) || sentence.endsWith('?')) return undefined;
  if (!/^(?:please )?(?:cancel|sign)/i.test(sentence) && !proper.test(sentence)) return undefined;
  const request = sentence
    .replace(/^(?:please |just |ok |actually )*/i, '')
    .replace(/^(?:let's|lets|let us) /i, '')
    .replace(/(?<![.!])[.!]+$/, '');
  return `I asked to ${request.charAt(0).toLowerCase()}${request.slice(1)}`;
};

const ambiguous =
  /^(?:stop|take|guess|plan|book|order|look|go|come|keep|open|run|enjoy|list|play|work|call)\b(?!:)/i;
const ofSpeaker = /\b(?:I|we|my|our|me)\b/i;
const happens =
  /\b(?:my|our) [\p{L}\d' -]{2,60}? (?:is|are|was|were|got|gets|has|had|never|died|will|can|lives?|works?|[a-z]{2,}ed)\b/iu;
const verbal = /\b(?:is|are|was|were|got|has|had|never|died|left|gave|broke|[a-z]{2,}ed)\b/;
const relative = new RegExp(
  `\\b(?:my|our) (?:[\\w-]+ ){0,2}(?:${people}|baby|kids?|children|parents|ex|family)\\b`,
  'i',
);
const addressed = /\b(?:you|your|please)\b/i;
/** A condition, with what the speaker does or is then. */
const conditional =
  /^(?:if|unless|when|whenever|while|once|until) (?!you\b|I (?:were|was|could|had)\b|possible\b|so\b)[^,]{2,80}, (?:then )?(?:I|we|my|our)\b(?! (?:would|could|might)\b)/i;
const specific =
  /\d|\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|october|november|december)\b/i;
const naming = /[\p{L}\d,] (?!I\b)\p{Lu}\p{Ll}/u;

/** A reason that a request gives. */
const reasoned = /\bbecause (?!(?:it|that|this|you|of)\b)[^?]{8,}/i;
const wantsToKnow =
  /^I (?:would (?:like|love)|want|need|am (?:dying|curious)) to know\b(?!.{0,300}\b(?:I|my|we|our)\b)/i;

/**
 * Whether a sentence that gave no fact states something nevertheless, so that it is kept as said: it names a person, a date or a number
 * beside the speaker, or what happens to something of the speaker.
 */
export const mayState = (sentence: string): boolean => {
  if (/\?["'”’)\]]*$/.test(sentence) || !ofSpeaker.test(sentence)) return false;
  if (/^here (?:is|are) (?:the|my|our) .{2,200}\b(?:for|of|to) (?:my|our)\b/i.test(sentence))
    return true;
  if (conditional.test(sentence) || reasoned.test(sentence)) return true;
  if (wantsToKnow.test(sentence) || /^my (?:question|point|guess) (?:is|was)\b/i.test(sentence))
    return false;
  if (addressed.test(sentence)) return false;
  if (isAsked(sentence)) return ambiguous.test(sentence) && verbal.test(sentence);
  return (
    specific.test(sentence) ||
    naming.test(sentence) ||
    happens.test(sentence) ||
    relative.test(sentence)
  );
};

/** Short notes that state something without a verb: "#vegan", "no nuts!!", "nuts - no". */
const shortNote =
  /^\(?(?:#[\p{L}\d]{3,}(?: #[\p{L}\d]{2,})*|(?:no|not|never|only|zero|strictly|always|anything but) (?!(?:mind|longer|again|ever|say|thought|worries|problem|way|rush|need|idea|doubt|pressure|thanks?|please|yes|more|further|one|luck|clue|comment|offen[sc]e|hurry|kidding|biggie|sweat|that|this|it|really|at|so|bad|now|yet|sure|you|your|me|i|what|why|the|thing|joke)\b)[\p{L}][\p{L}\d -]{2,40}|[\p{L}]{3,20} - (?:no|yes|never|always|none)|[\p{L}]{3,12} @ ?[\p{L}\d].{0,40}|\([\p{L}][\p{L} -]{3,40})\)?[.!]*$/iu;

/** Whether a text is a note that states something without a verb. */
export const isShortNote = (text: string): boolean => shortNote.test(text);
