import type { Word } from '../text/tagger.ts';

/** How a sentence that is not about its speaker is kept: as a fact of its own, as it was said, or not at all. */
export type OtherStatement = 'fact' | 'said' | 'nothing';

/** Reactions, greetings and acknowledgements, which state nothing. */
const reaction =
  /^(?!no more\b|you (?:could|might) say\b|(?:this|that) (?:year|week|month|morning|afternoon|evening|summer|winter|spring|autumn|fall|season|term|semester|time|(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend) |these days |it (?:is|was) (?:in |on |at |my |our )?(?-i:[A-Z])\S{1,30} (?:who|that)\b|(?:these|those) [a-z-]{3,20} (?:make|give|cause|help|hurt|keep|are (?:my|for))\b|there (?:is|are|was|were) (?!no (?:way|need|rush|problem|doubt)\b|nothing\b|something\b)|works (?:at|for|as|in|with|on|from|remotely|nights|part|full)\b|(?:this|that) is (?:my|our) )(?:and |but |so |oh |well |ok(?:ay)? |yes |no )*(?:great|nice|cool|awesome|good|perfect|lovely|beautiful|amazing|wow|ha|haha\w*|lol|ok|okay|k|sure|thank(?!sgiving)\w*|thx|ty|cheers|sounds?|looks?|makes? sense|exactly|absolutely|agreed|interesting|wonderful|brilliant|fantastic|excellent|fair|no (?:worries|problem|way|rush|need|idea|doubt|pressure)|never ?mind|all (?:good|right|set|done)|same (?:here|to you)|me (?:too|neither)|see (?:you|ya)|bye|goodbye|later|take care|congrat\w*|welcome|you|your|yours|happy|merry|morning|evening|hello|hi|hey|yo|dear|sup|aight|ttyl|gtg|brb|np|nvm|idk|gn|cya|peace|got it|will do|noted|understood|right|true|correct|indeed|maybe|perhaps|probably|hmm+|of course|sure thing|wrong (?:chat|window|person)|option [a-z\d](?=[.!]*$)|number (?:one|two|three|four|\d)(?=[.!]*$)|the (?:other|wrong) way|(?:mon|tues|wednes|thurs|fri|satur|sun)day again|huh|yep|yeah|yup|nope|nah|please|pls|sorry|oops|whatever|anyway|that|this|these|those|it|its|(?:they|he|she)(?= (?:is|are|was|were|will|can|have|has|had|would|should|do|does|did)\b)|who|what|how|why|love(?:ly)?|so|too|very|really|just|not|much|feels?|seems?|works?|worth|best|better|more|one(?! of (?:the|my|our|his|her|their)\b)(?! (?!(?:more|of|thing|last|sec|second|moment|question|minute|day|for|to|would|can|is|at)\b)[a-z]{3,})|some|there|here|then|alright|enjoy|hope\w*|wish\w*|glad|pretty|super|hooray|yay|whoa|impressive|incredible|well done|good luck|fingers crossed|(?:long|rough|busy|crazy) (?:day|week|night)(?=[.!…]*$)|mondays?(?=[.!…]*$)|tgif|(?:have|got) to (?:run|go|leave|dash)\b|phew|whew|that took|(?:in|with|without|as) (?:bullet|a table|a list|more|fewer|less|simpler|plain|short(?:er)?)\b(?! (?:than|time|money))|(?:it|today) is (?:so |really |too |very )*(?:freezing|cold|hot|warm|raining|snowing|sunny|windy|humid|boiling|dark|pouring))\b/i;

/** Sentences that begin like a reaction, and yet report something. */
const report =
  /^(?:(?:they|he|she|we|it|that|this) (?:\w+ ){0,2}(?:changed|moved|said|told|gave|raised|lowered|cancel\w+|booked|rebooked|rescheduled|upped|cut|renamed|wrote|called|hired|fired)\b|turns? out|it turns out|it is (?!(?:so |really |too |very )*(?:freezing|cold|hot|warm|raining|snowing|sunny|windy|humid|boiling|dark|pouring)\b)(?:an? |the |now |actually )?[\w.]+|(?:they|he|she)(?: have| has)? (?:[a-z]+ed|put|made|took|taken|given|chosen|written|shown|driven|thrown|stolen|let|sent|got|went|gone|came|come|bought|sold|found|left|lost|built|brought|kept|set|ran|paid|broke|gave)\b|(?:she|he) (?:wrote|said|told|texted) ")/i;

const determiners: ReadonlySet<string> = new Set(['DET', 'ADJ', 'NOUN', 'PROPN', 'NUM', 'SYM']);
const inSubject: ReadonlySet<string> = new Set([
  ...determiners,
  ...['ADP', 'PART', 'PUNCT', 'CCONJ', 'ADV', 'X'],
]);
const nominal: ReadonlySet<string> = new Set(['NOUN', 'PROPN', 'NUM', 'X']);
/** Pronouns within a subject: "nobody in our house". */
const ofSpeaker = /^(?:my|our|us|me|his|her|their|its)$/;
/** Longest note that is a fact as it is, in words. */
const maxNote = 16;
/** Longest subject that is read, in words. */
const maxSubject = 9;
const finite =
  /^(?:is|are|was|were|has|had|does|did|will|can|could|would|should|must|cannot|goes|got|went)$/;

const isVerb = ({ pos, lower }: Word): boolean =>
  pos === 'VERB' || pos === 'AUX' || finite.test(lower);

/** Words that a sentence may be about, besides nouns: "nobody eats pork", "the cleaner comes" with a noun that looks like an adjective. */
const indefinite =
  /^(?:nobody|everybody|everyone|no|someone|somebody|both|all|most|neither|none|half)$/;

const isHead = (word: Word, next: Word | undefined): boolean =>
  nominal.has(word.pos) ||
  indefinite.test(word.lower) ||
  (word.pos === 'ADJ' && next !== undefined && isVerb(next));

const mayBeVerb = ({ text }: Word, before: Word | undefined): boolean =>
  /[a-z](?:s|ed)$/.test(text) && nominal.has(before?.pos ?? '');

/** Position of the verb behind a subject with a noun; -1 without one. A noun in -s behind a noun may be the verb: "Ben plays". */
const verbAfterSubject = (words: readonly Word[]): number => {
  const noun = words.findIndex((word, at) => isHead(word, words[at + 1]));
  const verb = words.findIndex(
    (word, at) => isVerb(word) || (noun >= 0 && at > noun && mayBeVerb(word, words[at - 1])),
  );
  const subject = words.slice(0, Math.max(verb, 0));
  const isSubject =
    subject.length <= maxSubject &&
    subject.every(
      ({ pos, lower }) => inSubject.has(pos) || ofSpeaker.test(lower) || indefinite.test(lower),
    );
  return noun >= 0 && verb > noun && isSubject ? verb : -1;
};

/** A name or a heading before a colon: "City: Quito", "emergency contact: Jo". */
const noLabel = /^(?:system|assistant|user|human|ai|ps|p\.s)\b/i;
/** A note about the user: "User: vegan". */
const ofUser = /^user: (?!.{0,80}\b(?:I|you|your|me)\b)[^?:]{3,80}$/i;
const labelled =
  /^(?:[\p{L}\p{N}#'.-]{1,30} ){0,3}[\p{L}\p{N}#'.-]{1,30}(?:: ?| ?(?:=|->|=>|→|:=) ?)[^\s:/=>]/u;
/** A short label in front of a dash, and a value with a name or a number: "plumber - Kowalski". */
const dashed = /^[\p{L}'.]{2,20}(?: [\p{Ll}'.]{2,20})? [-–—] (?=.{0,60}(?:\d|\p{Lu}))[\p{L}\d]/u;

const isContent = ({ pos, text }: Word): boolean =>
  (nominal.has(pos) || pos === 'VERB' || pos === 'ADJ') && /[\p{L}\p{N}]/u.test(text);

/** Words of a question as the label of what is behind: "what I know about Mia: hates loud places". */
const asksForLabel =
  /^(?:what|how|where|when|why|who) (?!(?:about|if|do|does|did|is|are|can|could|should|would)\b)[^?:.!]{3,60}: (?!.*\?)\S/i;
/** News of a thing: "update on the house: offer accepted". */
const news = /^(?:update|news|note|report|notes) (?:on|from|about|for) [^:?]{2,40}: \S/i;
/** Things and people whose nouns look like verbs: "go-live has slipped", "neither of us drives". */
const ownSubject =
  /^(?:\p{L}{1,20}-\p{L}{1,20}(?:'s)? (?:has|had|is|was|will|got|went|moved|slipped|starts?|ends?)|(?:neither|none|both|half|all|most) of (?:us|them) [a-z]+)\b/iu;
/** A thing with its number, whose noun is a verb as well: "order no. 8812: two lamps". */
const numbered =
  /^(?:order|book|ticket|plan|check|test|report|call|list|issue|note|track|file|run|show|play|work|fix|draft|search|question|request) (?:(?:(?:no|nr)\b\.? ?|number |#)[\w-]{0,12}\d|[\w-]{0,12}\d[\w-]{0,12}:)(?!.{0,600}\?$)/i;
/** A prescription: "start ramipril 5 mg". */
const prescribed =
  /^(?:start|stop|continue|increase|reduce|take|pause) (?:on |with )?[a-z-]{3,30} (?:to )?\d+(?:[.,]\d+)? ?(?:mg|ml|mcg|g|units?|drops|tablets?|puffs)\b/i;
const letEnd = /^let (?:my|our) .{2,60} (?:run out|expire|lapse|go|end)\b/i;
/** A noun that is a verb as well, with its own verb behind: "book club meets", "order 12 arrived". */
const namesEvent =
  /^(?:book|order|plan|show|check|test|run|call|work|play|start|list|search|open|fix|draft) (?:[\w#-]{1,20} )?(?:never |just |finally |always )?(?:is|was|has|had|got|went|moved|meets|starts|ends|closes|opens|leaves|changed|happens|costs|takes|arrived|failed|passed|found|came|results were|price was|time is)\b/i;

/** "There is a piano in our living room". */
const exists =
  /^there (?:is|are|was|were|will be) (?!no (?:way|need|rush|problem|doubt|point)\b|nothing\b|something\b|so (?:much|many)\b|a (?:lot|way|reason|chance|difference|problem|bug|typo)\b|more\b|that\b|too\b|also\b)/i;

/** Notes leave their subject out: "Likes long walks". */
const withoutSubject =
  /^(?:(?:also|usually|often|never|rarely|mostly|always|currently) )*(?:likes|loves|hates|dislikes|prefers|enjoys|lives|works|plays|speaks|drives|owns|wants|needs|studies|eats|drinks|runs|teaches|sings|writes|uses|swims|cooks|collects|knows|has|avoids|takes|wears|rides|reads|volunteers|cycles|commutes|smokes|sleeps|supports|follows|attends|suffers) \S/i;

/** Whether a sentence reports a change or the words of another person, however the sentence begins. */
export const isReport = (sentence: string): boolean =>
  report.test(sentence) ||
  letEnd.test(sentence) ||
  namesEvent.test(sentence) ||
  ownSubject.test(sentence) ||
  prescribed.test(sentence) ||
  numbered.test(sentence) ||
  news.test(sentence) ||
  asksForLabel.test(sentence);

/** Whether a statement names at least one thing. */
export const hasNoun = (words: readonly Word[]): boolean =>
  words.some(({ pos }) => nominal.has(pos));

const hasNouns = (words: readonly Word[]): boolean =>
  hasNoun(words) && words.filter(isContent).length > 1;

const readClause = (words: readonly Word[]): OtherStatement =>
  words.filter(isContent).length > 1 || words.length > 3 ? 'fact' : 'said';

/** A note with a name or a number, which says all it has to: "Hotel Miramar, room 214". */
const isDetailed = (words: readonly Word[]): boolean =>
  words.length <= maxNote &&
  words.some(({ text }, at) => /\d/.test(text) || (at > 0 && /^\p{Lu}\p{Ll}/u.test(text)));

const readFragment = (words: readonly Word[]): OtherStatement => {
  if (!hasNouns(words)) return 'nothing';
  return isDetailed(words) ? 'fact' : 'said';
};

/** "Suffers from hay fever": a verb in the third person without its subject. */
const opensWithVerb = ([first, second]: readonly Word[]): boolean =>
  first?.pos === 'VERB' && /[a-z]{2}s$/.test(first.lower) && second !== undefined;

const interjections =
  /^(?:(?:ok|okay|so|well|oh|right|anyway|great|nice|cool|sure|yes|yeah|yep|hmm|awesome|perfect|maybe|perhaps|probably|sadly|just)\b[\s,.–-]{0,5}){1,4}(?:[-–—] )?/i;
/** Sentence that is unclear without those before, and yet has an amount: "it costs 46 a month". */
const amount =
  /^(?:it|that|this|they|those|these|he|she|work)\b(?!.{0,200}\b(?:you|your)\b).{0,200}(?:\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty) (?!(?:bits|minds)\b)[a-z])/i;

/** Something about people whom only the conversation names, with a name or a number: "they are naming the baby Ida". */
const ofThirds =
  /^they (?:are|were|have|had|will|can|do|did) (?!.{0,200}\b(?:you|your|this|that|it)\b)(?=.{0,200}(?:\d|[a-z,] (?-i:\p{Lu})\p{Ll}))/iu;
/** Something about a person whom only the conversation names: "she is afraid of heights". */
const ofThird =
  /^(?:he|she) (?:is|was|has|had|will|can|does|did)\b(?! (?:right|so|the best|too|not going to|going to be)\b)(?!.{0,200}\b(?:you|your|this|that|it)\b)/i;

/** Reads the statement behind the interjections of a sentence that begins as a reaction does. */
const readReaction = (sentence: string, words: readonly Word[]): OtherStatement => {
  if (amount.test(sentence) && words.length > 3) return 'said';
  if ((ofThird.test(sentence) || ofThirds.test(sentence)) && words.length > 3 && hasNouns(words))
    return 'said';
  const rest = sentence.replace(interjections, '');
  if (rest === sentence || rest.trim() === '' || reaction.test(rest)) return 'nothing';
  return readOther(rest, words.slice(-rest.split(/\s+/).length)) === 'nothing' ? 'nothing' : 'said';
};

/** Notes that have their verb, though no subject in front of it. */
const isNoteOfFact = (sentence: string, words: readonly Word[]): boolean =>
  exists.test(sentence) || withoutSubject.test(sentence) || opensWithVerb(words);

const isClause = (sentence: string, words: readonly Word[]): boolean =>
  isReport(sentence) || isNoteOfFact(sentence, words) || verbAfterSubject(words) > 0;

const isOfSender = (sentence: string): boolean => noLabel.test(sentence) && !ofUser.test(sentence);

/** Reads how a sentence that is not about the speaker is kept. */
export const readOther = (sentence: string, words: readonly Word[]): OtherStatement => {
  if (labelled.test(sentence) || dashed.test(sentence))
    return isOfSender(sentence) ? 'nothing' : 'fact';
  if (!isReport(sentence) && reaction.test(sentence)) return readReaction(sentence, words);
  if (!words.some(isContent)) return 'nothing';
  if (words.length < 3 && !isNoteOfFact(sentence, words))
    return hasNoun(words) ? 'said' : 'nothing';
  return isClause(sentence, words) ? readClause(words) : readFragment(words);
};
