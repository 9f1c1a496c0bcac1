import { isPast } from '../text/verb-forms.ts';

const people =
  'wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|mother|mom|mum|father|dad|son|daughter|brother|sister|grandmother|grandma|grandfather|grandpa|aunt|uncle|cousin|niece|nephew|boss|manager|roommate|neighbor|friend|best friend|baby|kid|child|therapist|doctor|teacher|coach|mentor|colleague';
const pets =
  'dog|cat|puppy|kitten|rabbit|bunny|hamster|parrot|bird|fish|turtle|horse|snake|lizard|guinea pig|pet';
const states =
  /^(?:(?:not |really |still |totally |super |so |kind of |completely )*(?:(?:an? )?(?:big |huge )?fan of|into|good at|bad at|afraid of|scared of|terrified of|obsessed with|addicted to)|allergic to|(?:done|through|finished) with (?!(?:it|that|this|you|them)\b)|back (?:to|on) (?!you\b|the (?:point|topic|question)\b|topic\b|track\b|work\b)|born (?:in|on|and raised)|raised in|based in|married|divorced|originally from|(?:officially|newly) (?:an? )?(?!(?:the|my|our)\b)[a-z-]+(?: [a-z-]+)?(?=[.!]*$|,)|more of an? (?:[a-z-]+ ){1,2}person|currently (?:living|working|studying|based)|living in|working (?:at|for|as|on)|studying|self-employed|retired|half (?!an?\b|the\b|of\b|past\b)\p{Lu}\p{L}+, half \p{Lu}\p{L}+|(?:vegan|vegetarian|pescatarian|celiac|coeliac|diabetic|asthmatic|dyslexic|autistic|lactose intolerant|gluten[- ]intolerant|teetotal|left[- ]handed|colou?r[- ]?blind|single|engaged|widowed|pregnant|unemployed|gluten[- ]free|a (?:night owl|morning person|vegan|vegetarian))(?=[.!]*$|,| (?:since|and|but|for|with|in|by)\b))/iu;
const gerund =
  /^(?:just |still |currently |now |also )*(?!(?:meeting (?!(?:my|with|him|her|them|up)\b)|during|nothing|something|anything|everything|morning|evening|according|speaking|talking|being|king|thing|wedding|building|spring|string|bring|sing|ring)\b)[a-z]{2,}ing\b/i;
const gerundAsSubject =
  /\b(?:is|are|was|were|can|will|would|has|went|goes|came|got|gets|makes?|helps?|gives?|keeps?|lets?|gets?|brings?|takes?|sounds?|seems?|feels?|must)\b|\b[a-z]{3,}s (?:me|us)\b/i;
const adverbs =
  /^(?:just|recently|finally|also|already|even|only|actually|once|always|never|really|definitely|currently)\s+/i;
const participleOnly = /^(?:been|gone|done|seen|had)\b/i;
const notDropped =
  /^(?:agreed|excited|interested|tired|bored|amazed|impressed|surprised|confused|worried|pleased|thrilled|stoked|pumped|inspired|needed|used|based|noted|understood|left|felt|said|heard|seemed|looked|sounded|made|got (?:it|you|that|any)|did|had|thought|knew|was|were|could|would|wanted|loved|liked|named|called|compared|given|united|red|bed|indeed)\b/i;
const droppedWasKept =
  /^(?:had|got|made|left|loved|wanted|was|named|felt) (?:a|an|the|my|to|in|at|our|some|two|three|so much fun|back|here)\b/i;

/** Words for relatives that people use like names. */
const kinship =
  /^(mum|mom|mama|dad|papa|grandma|grandpa|granny|gran|nana|nan|granddad|grandad|mother|father|auntie)(?:'s)? (?!and\b|of\b)\w/i;
/** An attribute and its value without a verb: "blood type O negative". */
const labelless =
  /^(?:my )?(blood type|shoe size|dress size|ring size|size|height|weight|birthday|anniversary|phone number|hometown|time ?zone|pronouns|nationality|star sign)(?: -|,)? (?!(?:is|are|was|of|for|party|present|gift|card|cake|dinner|matters?|loss|gain|and|in|on)\b)(\S.*)$/i;
/** A habit without its subject: "only make it to the gym twice a week". */
const habit =
  /^(?:only|still|usually|mostly|rarely|often|hardly ever) (?!(?:if|when|one|the|an?|for|in|on|at|because|thing|problem|question|not|no)\b)[a-z]+ .*\b(?:these days|lately|nowadays|every|an? (?:day|week|month|year)|mornings|evenings|weekends|on \w+days)\b/i;
/** A denial without its subject: "don't support them anymore", "not vegetarian anymore", "no car anymore". */
const noLonger =
  /^((?:do not|did not|not|no longer|no) (?!(?:one|idea|way|problem|sure|bad|really|worry)\b)\w.* (?:any ?more|any longer)|(?:no longer|not) (?:a |an )?[a-z]+(?: actually)?)[.!]*$/i;
/** "Staging runs on port 3000". */
const gerundAsNoun = /^\w+ing \w{2,}[^s\W]s (?:on|in|at|to|from|with|for|by|until|a|an|the|\d)/i;

/** "cut out coffee", "off keto now": something given up, without its subject. */
const cutting = /^(?:finally |just )?cut (?:out|back on|down on) \w/i;
const isOff =
  /^(?:finally )?off (?!to\b|topic\b|the\b)[a-z]+(?: [a-z]+)? (?:now|since|for good|again|completely|these days)\b/i;
/** A place of origin: "from Cork". */
const origin =
  /^(?:[Oo]riginally )?[Ff]rom (?!(?:January|February|March|April|May|June|July|August|September|October|November|December|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?|My|I|The)\b)\p{Lu}[\p{L}-]+(?:,? \p{Lu}[\p{L}-]+)?[.!]*$/u;
/**
 * Whether a message is nothing but a place of origin, which may as well answer a question about a thing: "Where does it ship from?" Beside
 * other statements about the speaker, it is that of the speaker.
 */
export const isBareOrigin = (content: string): boolean =>
  /^from /i.test(content) && origin.test(content);

/** Verbs whose past has no form of its own: "shut down my blog". */
const unchanged =
  /^(?:finally |just )?(?:(?:shut|cut|hurt|hit|split|put|let) (?:\w+ ){0,2}(?:my|our)|cut (?:back|down) (?:to|on)|split (?:up|with)|shut down) ?\b(?!.*\b(?:you|for me)\b)/i;
const parents = /^(?:mum|mom|dad|mother|father) and (?:mum|mom|dad|mother|father) \w/i;
const presents =
  /^(?:(?:[Tt]his|[Tt]hat) is|[Mm]eet) (?:my|our) ((?:[a-z-]{1,20} ){0,2}[a-z-]{2,20}),? (\p{Lu}[\p{L}'-]{1,30})(?:,? and (?:my|our) ((?:[a-z-]{1,20} ){0,2}[a-z-]{2,20}),? (\p{Lu}[\p{L}'-]{1,30}))?(?:, ((?:she|he|they|who) [^,]{2,60}))?[.!]*$/u;

/** People or animals that a note counts without a verb: "two kids (Jan, Mia)". */
const countedNote =
  /^(?:an?|one|two|three|four|five|six|\d{1,2}) (?:[a-z-]{2,12} ){0,2}?(?:kids?|child|children|sons?|daughters?|dogs?|cats?|siblings|brothers?|sisters?|grandchildren|grandkids|horses?|rabbits?|hamsters?|nephews?|nieces?)(?=$|[.,;:!(]| (?:and|in|at|of|with|from|named|called|aged)\b| \()/i;
const condition = /^(?:an? )?(?:[a-z-]{3,15} ){1,2}(?:allergy|intolerance|phobia)[.!]*$/i;
const tall =
  /^(?:about |ca\.? |approx\.? )?((?:1[3-9]|2[01])\d ?cm|\d ?(?:ft|feet) ?\d{1,2}?)(?: tall)?[.!]*$/i;
const weighs = /^(?:about |ca\.? |approx\.? )?(\d{2,3} ?(?:kg|kilos|lbs|pounds))[.!]*$/i;
const aged = /^(?:aged? ?:? ?)?(\d{1,2}) ?(?:yo|y\/o|y\.o\.?|yrs? old|years old)(?=[.,!]|$)/i;
const favorite =
  /^(?:my )?favou?rite ([a-z]{3,20}) (?:[-–—=:] ?)?(?!(?:is|are|was|were|one|thing|of|part|in|to|at|has|ever|so|by)\b)(\S.{1,60})$/i;

const relativeNote =
  /^([\p{L} ]{3,20}?) ?(?:[-–—:=]|->|=>|→) ?((?:(?:Mr|Mrs|Ms|Dr)\.? )?\p{Lu}[\p{L}'-]{1,30}(?: \p{Lu}[\p{L}'-]{1,30})?)((?:,| \().{1,60})?[.!]*$/u;
const isRelative = new RegExp(`^(?:${people}|${pets})$`, 'i');

/** Verb that a denial without its subject leaves out, if any. */
const verbOf = (denial: string): string => {
  if (/^(?:do|did) not/i.test(denial)) return '';
  return /^no (?!longer)/i.test(denial) ? 'have ' : 'am ';
};

/** "184 cm" -> "I am 184 cm tall", "two kids" -> "I have two kids", "favorite color green" -> "My favorite color is green". */
const withMeasure = (note: string): string | undefined => {
  if (countedNote.test(note)) return `I have ${lowered(note)}`;
  if (condition.test(note)) return `I have ${/^an? /i.test(note) ? '' : 'a '}${lowered(note)}`;
  const [height, weight, age] = [tall, weighs, aged].map((pattern) => pattern.exec(note)?.[1]);
  if (height !== undefined) return `I am ${height} tall`;
  if (weight !== undefined) return `I weigh ${weight}`;
  if (age !== undefined) return note.replace(aged, `I am ${age} years old`);
  const [, kind, value] = favorite.exec(note) ?? [];
  return kind === undefined ? undefined : `My favorite ${kind} is ${value}`;
};

/** "blood type O negative" -> "My blood type is O negative", "no car anymore" -> "I have no car anymore". */
const withVerb = (sentence: string): string | undefined => {
  if (cutting.test(sentence)) return `I have ${lowered(sentence)}`;
  if (
    unchanged.test(sentence) &&
    !/^(?:put|let) (?:my|our) .* (?:on|in|to|as|be)\b/i.test(sentence)
  )
    return `I have ${lowered(sentence)}`;
  if (origin.test(sentence)) return `I am ${lowered(sentence)}`;
  if (isOff.test(sentence)) return `I am ${lowered(sentence)}`;
  const [, attribute, value] = labelless.exec(sentence) ?? [];
  if (attribute !== undefined) return `My ${lowered(attribute)} is ${value}`;
  const noted = withMeasure(sentence);
  if (noted !== undefined) return noted;
  if (noLonger.test(sentence)) return `I ${verbOf(sentence)}${lowered(sentence)}`;
  return habit.test(sentence) ? `I ${lowered(sentence)}` : undefined;
};

/** "Grandma is 90" -> "My grandma is 90", "This is my wife Lena" -> "My wife's name is Lena", "have not slept" -> "I have not slept". */
const withRelative = (sentence: string): string | undefined => {
  if (/^(?:have|had|did|could|was) not \w/i.test(sentence)) return `I ${lowered(sentence)}`;
  if (kinship.test(sentence) || parents.test(sentence)) return `My ${lowered(sentence)}`;
  const [, relative = '', called, details = ''] = relativeNote.exec(sentence) ?? [];
  if (called !== undefined && isRelative.test(relative))
    return `My ${lowered(relative)}'s name is ${called}${details}.`;
  const presented = presents.exec(sentence);
  if (!presented) return undefined;
  const [, first, name, second, other, more] = presented;
  const also = second === undefined ? '' : `, my ${second}'s name is ${other}`;
  const further =
    more === undefined ? '' : `, my ${first} ${more.replace(/^(?:she|he|they|who) /, '')}`;
  return `My ${first}'s name is ${name}${also}${further}.`;
};

/**
 * "Just moved to Oslo" -> "I just moved to Oslo": restores the "I" that chat drops before a past tense, a participle or
 * a state.
 */
export const withSubject = (sentence: string): string => {
  if (/^(?:I|my|we|our)\b/i.test(sentence)) return sentence;
  if (states.test(sentence))
    return `I am ${lowered(sentence)}`
      .replace('I am born', 'I was born')
      .replace('I am raised', 'I was raised');
  const known = withVerb(sentence) ?? withRelative(sentence);
  if (known !== undefined) return known;
  const bare = sentence.replace(adverbs, '');
  if (participleOnly.test(bare) && /\s/.test(bare) && !/^(?:done|had)\b/i.test(bare))
    return `I have ${lowered(sentence)}`;
  if (
    gerund.test(sentence) &&
    !/^going to (?:be|need|have)\b/i.test(sentence) &&
    !gerundAsSubject.test(sentence) &&
    !gerundAsNoun.test(sentence) &&
    sentence.split(' ').length > 2
  )
    return `I am ${lowered(sentence)}`;
  const first = /^[A-Za-z]+/.exec(bare)?.[0] ?? '';
  const describes = /^\w+ (?:[\w'-]+ ){1,2}(?:is|are|was|were|can|will)\b/i.test(bare);
  const dropped =
    !describes &&
    isPast(first.toLowerCase()) &&
    (!notDropped.test(bare) || droppedWasKept.test(bare)) &&
    / \w/.test(bare);
  return dropped ? `I ${lowered(sentence)}` : sentence;
};

const lowered = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

const mention = new RegExp(
  `\\b(?:my|our|an?|another|one|the) (?:[a-z-]+ ){0,2}?(${people}|${pets})\\b`,
  'gi',
);
const petWord = new RegExp(`^(?:${pets})$`, 'i');

/**
 * Antecedent of "he", "she" or "it" in the next sentence: the only person or pet of the speaker that this sentence
 * mentions.
 */
export const antecedentOf = (sentence: string): string | undefined => {
  const found = [...sentence.matchAll(mention)].map((match) => (match[1] ?? '').toLowerCase());
  return /\b(?:my|our|I|we)\b/i.test(sentence) && new Set(found).size === 1 ? found[0] : undefined;
};

const ofRelative = new RegExp(
  `^User(?:'s| has (?:an?|one)) (?:[a-z-]+ ){0,2}?(${people}|${pets})\\b(?!.{0,200}\\b(?:${people}|${pets})\\b)`,
);
/** The relative or the pet whom a fact is about. */
export const relativeIn = (fact: string): string | undefined => ofRelative.exec(fact)?.[1];

const female =
  /^(?:wife|girlfriend|mother|mom|mum|daughter|sister|grandmother|grandma|aunt|niece)$/;
const male = /^(?:husband|boyfriend|father|dad|son|brother|grandfather|grandpa|uncle|nephew)$/;
/** Whether a sentence begins with a pronoun of the other sex. */
const isOfOther = (sentence: string, antecedent: string): boolean =>
  (/^(?:she|her)\b/i.test(sentence) && male.test(antecedent)) ||
  (/^(?:he|his)\b/i.test(sentence) && female.test(antecedent));

/** "His name is Rex" after "I have a dog" -> "My dog's name is Rex". */
export const withAntecedent = (sentence: string, antecedent: string | undefined): string => {
  if (antecedent === undefined || isOfOther(sentence, antecedent)) return sentence;
  const pet = petWord.test(antecedent);
  return sentence
    .replace(/^(?:his|her|its|the(?:ir)?) name is\b/i, `My ${antecedent} is named`)
    .replace(/^(?:his|her|its) (?=\w)/i, (word) =>
      pet || !/^its/i.test(word) ? `My ${antecedent}'s ` : word,
    )
    .replace(
      pet
        ? /^(?:he|she|it)(?= (?:is|was|has|had|likes?|loves?|hates?|will|turned|eats|just|died)\b)/i
        : /^(?:he|she)(?= \w)/i,
      `My ${antecedent}`,
    );
};
