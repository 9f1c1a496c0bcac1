import type { Word } from '../text/tagger.ts';
import { withDroppedSubject } from './dropped-subjects.ts';

/** Beginnings of questions, requests and suppositions, which state nothing. */
const asks =
  /^(?:what|who|whom|whose|where|why|how|which|when (?:is|are|was|did|do|does|will|can|should)|is(?! (?:on|in|at|off|away|allergic|married|divorced|retired|pregnant|vegan|vegetarian|moving|working|living|based) (?!.*\?))|are|am|was|were|do|does|did|can|could|will(?! (?:is|was|has|got|went|lives|works|comes|plays|[a-z]+ed)\b)|would|should|shall|may(?! (?:is|was|has)\b)|might|have (?:you|we|they|I)|has|had (?:you|we)|any(?! [a-z]+ (?:makes?|gives?|causes?|triggers?|upsets?)\b)|wanna|want to|ever|(?:cannot|will not|do not|did not|could not|would not|should not|have not|are not|is not|was not) (?:you|we|it|that|there|they))\b/i;
const requests =
  /^(?:please|gimme|lemme|thank|thanks(?! to (?:my|our)\b)|congrats|congratulations|let|let us|lets|tell|show|give|help|write|explain|summari[sz]e|translate|generate|create|make|find|search|look|list|suggest|recommend|describe|compare|fix|check|draft|send|read|open|run|add|edit|rewrite|convert|calculate|compute|plan|book|schedule|order|remember when|remember the|imagine|suppose|pretend|act|assume|consider|ignore|disregard|forget|delete|remove|erase|wipe|clear|stop|go|come|keep|take|try|have a|enjoy|see you|talk to|good luck|do not(?!.* (?:any ?more|any longer)[.!]*$)|feel free|if|unless|what if|in (?:my|the|this) (?:story|novel|game|dream|book)|once upon|brainstorm|proofread|debug|correct|solve|paraphrase|shorten|rephrase|sort|use (?:simpler|plain|fewer|shorter|other|another)|continue with|now (?:do|make|write|give|show|try|add|translate|shorten|explain|tell))\b(?![-:])/i;

/** Things that are asked for without a verb: "recipe for banana bread". */
const askedFor =
  /^(?:the )?(?:recipes?|differences?|synonyms?|antonyms?|weather|capital|population|meaning|definition|translation|opposite|etymology|plot|lyrics|history|ideas?|tips?|examples?|pros and cons|best (?:way|time|place|things?)|top \d+|(?:any|some)thing|another|(?:first|second|third|last|other) (?:one|option|version)|next (?:one|question|please)|(?:fun|random|interesting) facts?(?= about)|once more|same (?:for|thing)|shorter|longer)\b(?!.*\b(?:is|are|was|were|has|have|had|went|got|I|my|our|me)\b)/i;

const questionPart =
  /(?:[,;]| -| —|\band\b|\bso\b|\bbut\b)\s+(?=(?:what|who|where|when|why|how|which|can|could|would|will|do|does|did|is|are|should|any|have you|please|suggest|recommend|want to|wanna|interested|care to|are you|you in)\b)|(?<=\S)\s(?=any (?:tips|ideas|advice|suggestions|thoughts|recommendations|clue)\b)/i;
const fillers = /^(?:(?:hm+|um+|uh+|ok|okay|so|well|and|but|hey|hi|yo|right),? ){1,4}/i;
const tag = /,? (?:right|you know|okay|ok|huh|eh|correct|yeah)\?+$/i;

/** Whether a sentence begins as a question or a request does. */
export const isAsked = (sentence: string): boolean =>
  asks.test(sentence) || requests.test(sentence) || askedFor.test(sentence);

/** A question that only asks what to think of the statement before. */
const opinion =
  /, (?:what do you (?:think|say|reckon|suggest)|(?:any )?(?:thoughts|ideas|advice|tips|suggestions)|what (?:should|can|would|could|do) (?:I|we|you) do|is (?:that|this|it) (?:ok|okay|normal|bad|weird|fine|safe|a problem)|does (?:that|it) matter)\?+$/i;
/** "What I really like is sailing", "where I live there are no buses". */
const cleft =
  /^(?!what I (?:mean|meant|want|need|would like|asked|said|wonder)\b)(?:what|where|who|how|when|why) (?:I|we|my|our) (?!(?:can|could|should|would|may|might|do|to)\b)[^?]{2,80}(?:\b(?:is|was|are|were|there|has|have)\b|:)[^?]{2,}$/i;

/** "What I really like is sailing" -> "I really like sailing". */
const pseudoCleft =
  /^(?:what|who) I ((?:\w+ly )?(?:like|love|hate|enjoy|miss|admire|prefer|dislike|fear|collect|teach|study|eat|drink|play|use|drive|own|sell)s?)(?: (?:most|best|the most|a lot))? (?:is|are) (?!(?:that|when|how|if|what)\b)(.+)$/i;

const leadIn = /^(?:(?:ok|okay|so|well|hey|right|and|then|now|yes|yeah|sure|great),? ){1,3}/i;

/** A denial without its subject: "did not get the job". */
const denies =
  /^(?:did|could|have|had) not (?:get|make|pass|win|finish|manage|take|buy|sign|renew|join|got|made|passed) (?:the|a|an|my|our|to|into|\p{Lu})/u;

/** Statement in a sentence: the sentence itself, the part before a question, or undefined. */
export const statedPart = (sentence: string): string | undefined => {
  const plain = sentence.replace(tag, '.').replace(opinion, '.');
  const dropped = withDroppedSubject(plain);
  if (dropped !== undefined) return dropped;
  if (cleft.test(plain)) return plain.replace(pseudoCleft, 'I $1 $2');
  if (denies.test(plain) && !plain.endsWith('?')) return plain;
  if (requests.test(plain.replace(leadIn, '')) || askedFor.test(plain)) return undefined;
  if (!/\?["')\]]*$/.test(plain)) return asks.test(plain) ? undefined : plain;
  const whole = plain.split(questionPart)[0] ?? plain;
  const cut = whole.replace(fillers, '');
  return whole === plain ||
    asks.test(cut) ||
    !/^(?:I|my|we|our|got|just|having|going|moving|planning|starting|thinking of|looking to)\b/i.test(
      cut,
    )
    ? undefined
    : `${cut}.`;
};

const notAboutMe =
  /^(?:their|his|her|its|here|so much|now the|for (?:letting|being|your|the)|really|it|this|that|those|these|what|you|your|he|she|they|who|which|how|when you|let)\b/i;
const me =
  /(?:^|[\s("'])(?:I|my|me|mine|myself)\b(?!\.[A-Z])|(?:^|[,;] |\b(?:tomorrow|yesterday|today|tonight|week|month|year|night|weekend|morning|evening|afternoon|\w{3,6}day|\d) |^(?:in|at|on|after|before|since|during|for) [^,]{2,40} )(?:we|our)\b/i;
const quoted = /"[^"]*"/g;

/**
 * Whether a statement is about the speaker: in the first person, and not about a "that" which only the conversation
 * explains.
 */
export const isPersonal = (statement: string): boolean =>
  !notAboutMe.test(statement) && me.test(statement.replace(quoted, '""').replace(/\bUS\b/g, ''));

const intensifiers =
  '(?:(?:so|really|very|just|totally|also|too|super|pretty|quite|always|definitely|still|all|truly|absolutely|always|feeling|a bit|a little|kind of|not|incredibly|extremely|even more|more) )*';
const feeling =
  'happy|glad|excited|sad|sorry|proud|thankful|grateful|pumped|stoked|thrilled|amazed|impressed|worried|nervous|upset|angry|annoyed|frustrated|relieved|honored|blessed|lucky|jealous|touched|surprised|shocked|scared|afraid|anxious|inspired|motivated|determined|confident|hopeful|overwhelmed|delighted|pleased|bummed|eager|psyched|ecstatic|moved|humbled|heartbroken|better|bad|awful|terrible';
const momentaryStates =
  'tired|hungry|starving|thirsty|bored|swamped|busy|back(?! (?:on|in|at|from|by|after|next|since|to|mid|early|late|around|before|until|till) )|here|ready|done|sure|fine|good|ok|okay|great|well|alright|all right|all set|on my way|curious|confused|stuck|lost|late|(?:in|up|down)(?=[.!,]|$)|kidding|joking|serious|right|wrong|afraid so|with you|there for you|here for you|listening|cold|hot|full|sleepy|exhausted|awake|home|online|trying to (?:understand|figure|say|see)|just (?:saying|asking|wondering|checking|kidding)|wondering|asking|calling|writing to|telling you';

/** Beginnings of sentences that state nothing lasting, however they continue. */
const smallTalkPatterns = [
  /^I (?:really |just |totally |so |do |completely |fully |definitely )*(?:agree|guess|mean|hope|bet|wish you|suppose|appreciate|wonder|was wondering|get it|hear you|swear|promise|can imagine|can (?:only )?(?:see|tell|relate|understand)|believe in|trust you|miss you|thank|beg|dare|feel (?:you|ya)|figured|should (?:go|get going))\b/i,
  /^I cannot (?:wait|imagine|believe|thank|complain|even|agree|tell|wrap|stop)\b/i,
  /^I could not (?:agree|be|have|believe|do (?:it|this|that))\b/i,
  /^I (?:do not )?(?:know|knew|understand|understood|see|think|believe|get|remember|realize)(?: (?:so|that|what|how|it|you|why|when|where|if|who|this|the feeling|they|he|she)\b.*|[.!,]*)$/i,
  /^I (?:do|did|would|will|can|could|should|am|was|have|might|may|must|got|does) ?(?:not|too|so|it|that|this|you)?[.!,]*$/i,
  /^I (?:will|would|can|could|should|would like to|want to|need to|have to|must) (?:\w+ly |also |just |love to )?(?:let you|get back|keep you|check (?:it|that|this|them|out)|try (?:it|that|this)|be (?:there|here|back|fine|okay|sure)|do (?:it|that|this|so)|know|ask(?! for)|say|thank|tell|hear|see (?:it|that|you|if|them)|understand|take (?:a look|your advice)|think about|look (?:into|at)|go (?:now|ahead)|keep (?:that|it|you|going|in mind)|share (?:it|that|this|more)|wait|never forget|point out|mention|add|agree|join you|miss|admit)\b/i,
  /^I (?:need|want|would like|would love|could use|require) (?:you\b|(?:some |your |a bit of |a little )?(?:help|advice|assistance|ideas|suggestions|tips|information|info|your)\b)/i,
  /^I (?:really |just |so |do |also )*(?:love|like|enjoy|adore|hate|loved|liked|enjoyed|admire|dig) (?:it|that|this|these|those|you|your|how|when|what|them|seeing|hearing|to (?:hear|see|know)|her|him)\b/i,
  /^I (?:have|had|got|am having|having) (?:a |an |one |another |some |such |so much |lots of |the )*(?:question|favor|problem|issue|doubt|request|idea|feeling|blast|great time|good time|best time|fun|error|bug|(?:great|good|nice|lovely|amazing|wonderful|awesome|rough|tough|long|bad|busy) (?:time|day|one|week|night|weekend|chat))\b(?!.*\b(?:with my|at|in|on) )/i,
  /^I (?:get|got|am getting|keep getting|receive|received|see) (?:an?|this|the|that|some)(?: \w+)? (?:error|warning|exception|message|bug)\b/i,
  /^I (?:am|was) (?:\w+ly )?(?:talking|referring|asking|looking forward|wondering|thinking (?:about|of) you|rooting|cheering|trying to understand|here|there)\b/i,
  /^I (?:told|asked|said|meant|heard|thought)(?: you)?(?: (?:so|that|it|about|you|the same|to))?\b[^"]{0,12}[.!]?$/i,
  /^I (?:have|had) (?:never )?(?:heard of|seen|tried|been there|thought of|thought about) (?:it|that|this|them)\b/i,
  /^(?:I|we) (?:am going to|are going to|will|would|have to|got to|just have to|am|am just|have been) (?:\w+ly |never |always |just |also )*(?:keep(?:ing)?|make it|make sure|do (?:my|our) best|give it|stay(?:ing)?(?! (?:at|in|on|with|until|till|from|for|home|another|two|three|four|longer|here)\b)|rock|get (?:it|there)|never|not (?:quit|give)|continue|be (?:awesome|great|fun|amazing|okay|fine|better)|love (?:that|to (?:see|hear|know))|rooting|hanging (?:in|on)|holding up|doing (?:\w+ )?(?:well|great|good|okay|ok|fine|better|alright))\b/i,
  /^(?:I|we) (?:will|can|could|would|might|should|shall) (?:\w+ly |also |just |love to )?(?:send|show|tell|give|text|call|help|bring|share|update|support|pray|check|see|meet|catch|talk|chat|remember) (?:you|with you|to you|it|that|this|more|soon|later|up)\b/i,
  /^I (?:need|want|would like|am looking for|could use) (?:an?|some|the|\d+|two|three|a few) (?:[\w-]{1,20} ){0,3}?(?:synonym|antonym|recipe|list|summary|poem|haiku|limerick|story|joke|example|word|term|phrase|explanation|translation|script|function|template|email|letter|essay|caption|slogan|outline|draft|recommendation|suggestion|idea|quote|definition|regex|query|formula|table|image|picture|logo|title|headline|playlist)s?\b/i,
  /^I (?:\d+ ?% )?agree\b/i,
  /^I (?:(?:have|just|finally) )*(?:agreed|accepted|complied|refused|said (?:ok|okay|yes|no|fine|sure))[.!]*$/i,
  /^I am (?:hooked|in|down|sold|game|all ears|speechless|impressed)[.!]*$/i,
  /^I (?:was|am) (?:just |only )*(?:kidding|joking)\b/i,
  /^I (?:just )?(?:woke up|got up|got home|got back|had lunch|had dinner)[.!]*$/i,
  /\bI (?:order|command|instruct|urge|beg|request|ask|tell|forbid) (?:you|the assistant)\b/i,
  /^I (?:am your|meant)\b/i,
  /^I (?:do|did) not (?:understand|get|follow|see) (?!the (?:[\w'-]{1,20} ){0,3}(?:job|role|position|offer|grant|visa|flat|apartment|house|place|loan|part|promotion)\b)(?:the|your|this|that|what|how|why|it)\b/i,
  /\b(?:exactly|just|precisely) what (?:I|we) (?:needed|wanted|meant|was looking for|were looking for|had in mind)\b/i,
  /^(?:I|we) (?:have been|am|are|was|were) (?:there|through (?:it|that|a lot))\b/i,
  /^(?:my|our) (?:pleasure|bad|goodness|god|gosh|apologies|heart (?:goes|is|breaks)|point|question|mistake|thoughts|condolences|guess|answer|fault)\b/i,
  /^we (?:(?:should|could|can|must|need to|have to|will|would|might|may|shall)\b(?! (?:only|no longer|not|all )?\b ?(?:be back (?:in|at)|work|pay|spend|use|leave|move|be out|have to|afford|drive|eat|go (?:in|to the)|come in)\b)|(?:are all|all|both|are in this)\b)/i,
  /^(?:I|we) (?:\w+ )?(?:had|have|having) (?:so much |a lot of |lots of |such )?(?:fun|a blast|a great time)\b[^A-Z]*$/,
] as const;

const moods = new RegExp(
  `^(?:I|we) (?:am|are|was|were|feel|felt|have been|am feeling) ${intensifiers}(?:${feeling})\\b(?! of (?!you\\b|it\\b|that\\b|this\\b|them\\b))`,
  'i',
);
const states = new RegExp(
  `^(?:I|we) (?:am|are) ${intensifiers}(?:${momentaryStates})(?:$|[ .!,])`,
  'i',
);
const subjectPattern = /\b(?:my|our)\b|\b(?:19|20)\d\d\b|[a-z,] [A-Z][a-z]/;

/**
 * Whether a statement is small talk, a mood or a momentary state. A mood with a possession, a name or a date is none.
 */
export const isSmallTalk = (statement: string): boolean =>
  smallTalkPatterns.some((pattern) => pattern.test(statement)) ||
  states.test(statement) ||
  (moods.test(statement) && !subjectPattern.test(statement.replace(/^(?:I|we) /i, '')));

const stopContent = new Set(
  (
    'thing things stuff way ways time times lot lots bit idea ideas moment moments day days kind sort one ones anything ' +
    'everything something nothing someone everyone anyone guy guys people fun luck way yeah yes no wow hey hi lol haha okay ' +
    'user minute second while course sure while end part place point fact matter chance support feeling feelings sense help ' +
    'get got go went do did make made have had be been know think want see say said come came take took feel felt keep try ' +
    'tried need find found give gave look looked seem put let use used tell told hear heard agree mean guess hope start ' +
    'good great nice cool awesome amazing wonderful lovely fantastic incredible better best new own same such much many ' +
    'more most happy glad sure true right real really important special big little today now'
  ).split(' '),
);
const contentTags = new Set(['NOUN', 'PROPN', 'NUM', 'SYM', 'VERB', 'ADJ', 'X']);

const isContent = ({ pos, lower, text }: Word): boolean =>
  contentTags.has(pos) && !stopContent.has(lower) && lower !== 'i' && /[\p{L}\p{N}]/u.test(text);

/** Whether a statement has a verb, and a word besides pronouns, auxiliary verbs and words without content. */
export const hasContent = (words: readonly Word[]): boolean =>
  words.some(({ pos }) => pos === 'VERB' || pos === 'AUX') && words.some(isContent);

const twoWords =
  /^I (?:vape|smoke|drink|snore|ski|surf|knit|crochet|sew|code|sing|dance|paint|garden|meditate|box|fence|sail|row|hike|climb|swim|run|cycle|jog|journal|stutter|commute|freelance|volunteer|dj|rap|juggle|skate|snowboard|weld|bake|cook|garden|fish|hunt|camp|brew|write|draw|sculpt|teach|stammer|lisp)[.!]*$/i;

/** Whether a statement is a habit in two words: "I vape". */
export const isBriefHabit = (statement: string): boolean => twoWords.test(statement);

const shortQuestion = /^(?:[\p{L}'-]+ ){0,2}[\p{L}'-]+\?$/u;
const shortAnswer = /^(?:[\p{L}\p{Sc}\d'.,%-]+ ){0,3}[\p{L}\p{Sc}\d'.,%-]+!*$/u;

/** Joins a note of a short question to its answer: "Smokes?" and "No." */
export const joinAnswers = (sentences: readonly string[]): string[] => {
  const joined: string[] = [];
  for (const sentence of sentences) {
    const last = joined.at(-1);
    if (last && shortQuestion.test(last) && !isAsked(last) && shortAnswer.test(sentence))
      joined[joined.length - 1] = `${last} ${sentence}`;
    else joined.push(sentence);
  }
  return joined;
};
