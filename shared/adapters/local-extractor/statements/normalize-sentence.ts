import { cutEnd } from '../text/clean-text.ts';
import type { People } from './people.ts';

const participle = '(?:been|had|gone|done|seen|always|never|already|just|\\w{2,}ed)';

/** Replacements in the order of their application. */
const expansions: readonly (readonly [RegExp, string])[] = [
  [/[’‘ʼ`]/g, "'"],
  [/[“”„«»]/g, '"'],
  [/\s+/g, ' '],
  [/\bi(?='|\b(?![./@-]))(?<![\w./@-]i)/g, 'I'],
  [/\bpl[sz]\b/gi, 'please'],
  [/\bsmth\b/gi, 'something'],
  [/\bw\/o\b ?/gi, 'without '],
  [/\bw\/ ?(?=\w)/gi, 'with '],
  [/\b(\w+)'s got\b/gi, '$1 has got'],
  [
    /\b(\w+)'s (?=(?:lost|broken|missing|dead|fixed|fine|done|gone|sick|ready)(?:[.,!]|$| again| now))/gi,
    '$1 is ',
  ],
  [
    /\b([a-z]+)'s (?=(?:just |already |finally )?(?:moved (?:in|out|away|back|up)|retrained|joined|left(?! (?:arm|hand|leg|foot|paw|knee|ear|eye|side|hip|wrist|ankle|shoulder|elbow|thumb)\b)|quit|become|turned \d|switched|decided|bought|sold|stopped|finished|passed|started) ?(?:$|[a-z.!]))/gi,
    '$1 has ',
  ],
  [/\b([a-z]+)'s (?=[a-z]{3,}ed(?:[.!,]|$| (?:till|until|to|by|again|now|off|for)\b))/g, '$1 is '],
  [/(?<=\S),? (?:btw|tbh|ngl|imo|imho|lol|lmao|smh)\b/gi, ''],
  [/(?<=\s)u\b(?=[ .!,?]|$)/g, 'you'],
  [/^(what|where|when|who|how)s\b/i, '$1 is'],
  [
    /^(?:sorry,? )?I meant (?!the [\w-]+ one\b|to\b|that\b|it\b|you\b|so\b|well\b)(?=\S)/i,
    'it is actually ',
  ],
  [/(^|[\s(:])'(?=\S)([^\n"]{2,300}?)'(?=[\s.,!?)]|$)/g, '$1"$2"'],
  [/\bIm\b|\bim\b/g, 'I am'],
  [/\b(?:I|i)ve\b/g, 'I have'],
  [/\b(do|does|did|is|was|are|were|has|have|had|would|could|should)nt\b/gi, "$1n't"],
  [/\bcan'?t\b/gi, 'cannot'],
  [/\bwo(?:n't|nt)\b/gi, 'will not'],
  [/\bI ain't\b/gi, 'I am not'],
  [/\bain't\b/gi, 'is not'],
  [/(\w)n't\b/gi, '$1 not'],
  [/\bI'm\b/gi, 'I am'],
  [new RegExp(`\\b(I|we)'d (?=${participle}\\b)`, 'gi'), '$1 had '],
  [/\b(\w+)'d\b(?= )/gi, '$1 would'],
  [/(\w)'re\b/gi, '$1 are'],
  [/(\w)'ve\b/gi, '$1 have'],
  [/(\w)'ll\b/gi, '$1 will'],
  [
    /\b(he|she|who)'s (?=(?:been|had|got|made|seen|taken|given|written|become|bought|sold|moved|started|stopped|quit|switched|passed|joined|decided|left)\b)/gi,
    '$1 has ',
  ],
  [/\b(it|that|he|she|there|what|who|when|where|how|here|name)'s\b/gi, '$1 is'],
  [
    /(?<!\b(?:at|to|from|near|by|with|for|of|in) )\b(\w+)'s (?=(?:an?|the|only|not|now|back|off|over|at|in|on|cancelled|been|every|each|usually|always|still|already|\d[\d:.]*|january|february|march|april|may|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b(?! (?:party|concert|meeting|show|game|class)))/gi,
    '$1 is ',
  ],
  [
    /^((?:this |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)day) is (my|our) (?!favou?rite|only|usual|busiest|busy|free|rest|day\b|worst|best|laundry|gym|date|cheat)([^,.?!]{2,60})(?=[.!]*$)/i,
    '$2 $3 is on $1',
  ],
  [
    /^(today|tomorrow|yesterday) (is|was) (my|our) (?!favou?rite|only|day\b)([^,.?!]{2,60})(?=[.!]*$)/i,
    '$3 $4 $2 $1',
  ],
  [
    /^it (is|was|will be) (my|our) ((?:[\w'-]+ ){0,3}(?:birthday|anniversary|first day|last day|day off)) (?=(?:yesterday|today|tomorrow|on|next|last|this)\b)/i,
    '$2 $3 $1 ',
  ],
  [
    /^(?:starting|beginning|effective)(?: from| on)? (?=(?:(?:next|this) )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|year|tomorrow)\b)/i,
    'from ',
  ],
  [/\bgonna\b/gi, 'going to'],
  [/\bwanna\b/gi, 'want to'],
  [/\b(?:have )?gotta\b/gi, 'have to'],
  [/(?<!\w)'?(?:cause|cuz|coz)\b(?= (?:I|it|my|we|they|he|she))/gi, 'because'],
  [/(?<!\w)'em\b/gi, 'them'],
  [/\bfav(?:e|es)?\b/gi, 'favorite'],
  [/\bkinda\b/gi, 'kind of'],
  [/ ([.!?,;])/g, '$1'],
  [
    /^(these days|nowadays|lately|at the moment),? ((?:I|we|my|our)\b[^.!]*(?:[.!]+[^.!]+)*)([.!]*)$/i,
    '$2 $1$3',
  ],
];

/** Expands contractions and slang, and normalizes quotation marks, white space and "i" for "I". */
export const expandContractions = (sentence: string): string =>
  expansions.reduce((text, [form, full]) => text.replace(form, full), sentence).trim();

/** Greetings, interjections and phrases at the beginning of a sentence that add nothing to its meaning. */
const discourseMarkers = [
  /^(?:ok|okay|right|well|anyway|alright),? so,? (?=\S)/i,
  /^(?:hey|hi|hello|hiya|good (?:morning|afternoon|evening))(?: there)?(?: (?!I\b)[A-Z][a-z]+)?(?:[,!.-]+\s*|\s+)/i,
  /^(?:yes|yeah|yep|yup|nah|oh|aw+|wow|woah|whoa|haha+|lol|hm+|um+|ugh|phew|and|but|plus|also),?\s+(?=\w)/i,
  /^(?:thanks(?: (?:so much|a lot|again))?(?: for [^,.!]{1,40})?(?:,? [A-Z][a-z]+)?|thank you(?: so much)?(?: for [^,.!]{1,40})?(?:,? [A-Z][a-z]+)?)[,!.-]+\s*/i,
  /^(?:yes|yeah|yep|yup|no|nope|nah|ok|okay|oh|ah|aw+|well|wow|woah|whoa|sure|right|great|cool|nice|awesome|haha+|lol|hmm+|ugh|omg|man|not really|scratch that|never mind|my mistake|of course|indeed|alright|perfect|exactly|absolutely|totally|definitely|congrats|sorry|sadly|luckily|fortunately|unfortunately|honestly|frankly|actually|basically|personally|anyway|anyways|btw|fyi|fun fact|quick note|update|by the way|to be honest|tbh|in fact|as you know|guess what|you know(?: what)?|so far|for (?:the record|context|your information|reference)|just so you know|also|plus|and|but|so|because|then|besides|however|still|though|additionally|moreover|correction|edit|ps|p\.s|oh well|on another note|speaking of which|oops|wait|my friend(?! \p{Lu}))(?:\s*[,:!;.-]+\s*|\s+(?=(?:I|my|we|our|please|call|always|never|forget|remember|from|actually|also|by|oh)\b|(?-i:[A-Z])))/iu,
  /^(?:I (?:just )?(?:wanted|want|would like|have) to (?:say|tell you|let you know|mention|add|share)|I (?:should|must|can) (?:say|mention|add|tell you)|let me tell you|I (?:told|already told) you|I (?:mean|guess)|the (?:thing|truth|fact) is|you should know|it is true|it turns out|turns out|it turned out|turned out)(?: that|,|:)? (?=(?:I|my|we|our)\b)/i,
  /^(?:you (?:see|know)|(?:did I (?:ever )?(?:mention|say|tell you)|have I (?:mentioned|told you)|I (?:already )?(?:told you|mentioned|said))(?: that)?|I (?:suppose|guess|reckon|figure|assume)(?: that)?),? (?=(?:I|my|we|our|the|he|she|they|his|her|dad|mum|mom|nobody|everybody|one|some|all|two|three|there|allergic|never been|not a fan|used to|can no longer|those|these|what I|where I|when I|only|no [a-z]+ for me|green|was a|did my|does not|do not)\b|\p{Lu})/u,
  /^(?:you see|(?:did I (?:ever )?(?:mention|say|tell you)|have I (?:mentioned|told you))(?: that)?)[,:]? (?=\S)/i,
  /^did you know (?:that )?(?=(?:my|our|I)\b|(?-i:\p{Lu}))/iu,
  /^(?:can you believe|would you believe|you (?:will|would) (?:not|never) (?:believe|guess))(?: (?:it|this|what(?: just)? happened))?(?: that|,|:)? (?=\S)/i,
  /^(?:imagine(?: that)?|get this|plot twist|spoiler(?: alert)?|what an? [a-z]{3,10})[,:!]+ (?=\S)/i,
  /^(?:I )?(?:should|must|might) (?:also |probably )?(?:mention|add|say|note)(?: that)?,? (?=(?:I|my|we|our)\b)/i,
  /^(?:so|and|but|maybe|perhaps),? (?=(?:used to|can(?:not)? |can no longer|will be|was an?|did my|never been|not a fan|no [a-z]+ for me|(?:she|he|they) (?:is|are|has|have|was|were)|check-in|works? \w+ at)\b)/i,
  /^(?:the reason|why) (?:why )?I am (?:writing|texting|calling|asking|here|messaging)(?: you)?(?: is)?(?: that)?[:,]? (?=\S)/i,
  /^(?:quick (?:one|question)|one question|if (?:it|that) (?:helps|matters))[:,]\s*(?=\S)/i,
  /^(?:honestly|frankly|tbh|sadly|luckily|unfortunately|fortunately|ugh|omg|btw|fyi|oh|my mistake|just so you know|in case you (?:wondered|need it))[, ]+(?=\w)/i,
  /^(?:anyways?,? )?(?:all (?:that|this)(?: being)? said|(?:that|this)(?: being)? said|long story short|that reminds me|the point is|bottom line|in short|before I forget|one more thing|on a side note|random but)\s*[,:;-]+\s*/i,
  /^(?:not sure|do not know|no idea) (?:if|whether) (?:it|this|that)(?: is| was)? ?(?:matters?|helps?|relevant|important|useful),? but[,:]? /i,
  /^(?:these days|nowadays|right now|as of (?:now|today)|at the moment|turns out),? (?=(?:my|our)\b)/i,
  /^(?:beautiful|gorgeous|lovely|stunning|perfect|brilliant|excellent)[,!]+ (?=I\b)/i,
  /^(?:(?:that|this|it) (?:is|was) (?:not (?:true|right|correct|accurate)|wrong|false|incorrect|outdated|a mistake)|you are (?:wrong|mistaken))\s*[,;:.!-]+\s*(?=\S)/i,
  /^(?![A-Z]\w*(?:day|ly|times|ever)\b|To(?:morrow|night)|Now|Then|Often|Once|Later|Here|Today)[A-Z][a-z]+, (?=(?:I|my|we|our)\b(?! [\w'-]+(?: [\w'-]+)?, ))/,
] as const;

const closer =
  /,? (?:lol|haha+|though|tbh|btw|by the way|to be honest|if that (?:helps|matters)|just so you know|fyi|ugh|smh|thanks|thank you|please|(?:please )?(?:keep|bear) (?:that |this )?in mind|please (?:note|remember))$/i;

/** Removes discourse markers at the end: "I like tea, lol." -> "I like tea." */
const withoutClosers = (sentence: string): string => {
  const body = cutEnd(sentence, /[.!?]/);
  const before = body.trimEnd();
  let rest = before;
  for (let at = rest.search(closer); at >= 0; at = rest.search(closer)) rest = rest.slice(0, at);
  return rest === before ? sentence : rest + sentence.slice(body.length);
};

/** Removes discourse markers (linguistics: "Well, you know,"), greetings and the names of addressed people. */
export const stripDiscourseMarkers = (sentence: string, people: People): string => {
  let rest = sentence;
  for (let before = ''; before !== rest; ) {
    before = rest;
    for (const discourseMarker of discourseMarkers) rest = rest.replace(discourseMarker, '');
  }
  return withoutClosers(people.withoutAddressed(rest)).trim();
};
