import { cutEnd } from '../text/clean-text.ts';
import type { Tagger } from '../text/tagger.ts';
import { isPast } from '../text/verb-forms.ts';

/** Instruction for all later conversations, or a request to remember something. */
export interface StandingInstruction {
  /** The fact to remember, in the first person: "I want the assistant to ...". */
  statement: string;
  /** The speaker asked to remember it, so the statement is kept even when it is not personal. */
  isRequested: boolean;
}

const politeness =
  /^(?:please|pls|kindly|just|ok(?:ay)?,?|you can|you may|feel free to|(?:can|could|would|will) you(?: please)?|in (?:all )?your (?:replies|answers|responses)|do not call me [^,;]+?[,;](?= (?:please )?call me))[,\s]+/i;
const name = "([\\p{Lu}][\\p{L}'-]*(?: [\\p{Lu}][\\p{L}'.-]*){0,3}|\\p{L}{2,20})";
const callMe = new RegExp(
  `^(?:call|address|refer to) me (?:as |by |by my nickname )?"?${name}"?(?: (?:from now on|instead|please|going forward))*(?:, not [\\p{L}'-]{2,30})?$`,
  'iu',
);
const noName =
  /^(?:later|back|when|tomorrow|at|if|asap|tonight|now|crazy|maybe|today|again|soon|anytime|on|in|by|a|an|the)$/i;

/** Names of languages, as alternatives of a pattern. */
export const languages =
  'arabic|bengali|bulgarian|catalan|chinese|croatian|czech|danish|dutch|english|finnish|french|german|greek|hebrew|hindi|hungarian|indonesian|italian|japanese|korean|malay|mandarin|norwegian|persian|farsi|polish|portuguese|romanian|russian|serbian|slovak|spanish|swahili|swedish|tagalog|tamil|thai|turkish|ukrainian|urdu|vietnamese|welsh|british english|american english';
const replyLanguage = new RegExp(
  `^(?:answer|reply|respond|speak|talk|write|communicate)(?: to me| with me| back)?(?: only)? (?:only )?in (?:${languages})(?: only)?$`,
  'i',
);
/** "Speak Spanish." In small letters it may as well be a note about the speaker, and with a question mark it asks for an ability. */
const spokenLanguage = new RegExp(
  `^speak (?:only )?(?:${languages})(?: only| to me| with me)?$`,
  'i',
);

const marker =
  '(?:from now on|in general|as a rule|going forward|from here on|henceforth|in (?:the )?future|by default|for all future (?:replies|answers|conversations)|every time|each time|at all times)';
const leadingMarker = new RegExp(
  `^${marker},? (?:please |always |you (?:should|must) )*(.+)$`,
  'is',
);
const trailingMarker = new RegExp(`^(.+?),? ${marker}$`, 'i');
const alwaysNever =
  /^(?:you (?:should|must|have to|need to) |make sure (?:that )?(?:you |to )|be sure to |I (?:want|need|would like|would prefer|expect|prefer) (?:that )?(?:you|it|the assistant) (?:to )?|I (?:want|would like) your (?:answers|replies) )?(always|never|do not ever) (.+)$/i;
const wantsYou =
  /^I (?:want|would like|would prefer|need|prefer) (?:you|the assistant) (?:to|not to) (?:answer|reply|respond|speak|address|call me|keep|be|avoid|stop)\b.*$/i;
const yourReplies =
  /^(?:keep|make|write|format|give|start|end|limit) (?:all )?(?:your|the|me) (?:\w+ )?(?:answers?|replies|responses?|messages?|explanations?|sentences)\b.*$/i;
const addressed =
  /^(?:you (?:should|must|can|may) )?(?:address|speak to|talk to|treat) me (?!as\b|by\b)[\w' -]{3,60}$/i;
const whileAnswering =
  /^(?:use|give|show|include|avoid|add|write|skip|assume)\b.* (?:when|whenever|while|if) (?:you (?:answer|reply|respond|talk|write|speak|explain)|(?:answering|replying|responding|talking|writing|explaining))\b.*$/i;
const manner =
  /^(?:you (?:should|must) )?(?:be|stay) (?:more |very )?(?:concise|brief|formal|informal|direct|polite|honest|succinct)\b.*$/i;
const negative =
  /^(?:do not|stop) (?:use|using|call|calling|mention|mentioning|suggest|suggesting|recommend|recommending|include|including|add|adding|send|sending|address|addressing|apologizing|apologising|repeating|asking|saying)\b.*$/i;
const without =
  /^no ([^,]{2,60}?) (?:in|with|from) (?:your|the|my|any|all) (answers?|replies|responses?|messages?|emails?|texts?|code|suggestions?)$/i;
const whenever =
  /^(?:whenever|when|every time|each time|any time|if) ((?:I|you|we) [^,]{2,80}), (?:please |then |always )*(.+)$/is;

/** "When you quote prices use CHF": a condition without a comma behind. */
const whenNoComma =
  /^(?:whenever|when|every time|each time|any time|if) ((?:I|you|we) (?:[\w'-]+ ){1,6}?[\w'-]+) (?:please |then )?((?:use|add|give|show|write|answer|reply|keep|skip|avoid|include|ask|tell|call|mention|make|put|convert|assume|round|do not|never|always) .+)$/is;
/** "Use my sister as the emergency contact". */
const useMine = /^(?:use|put|list|save|set|add) (?:my|our) [^?]{2,60} (?:as|for)\b.+$/i;
/** An instruction without a verb: "Metric units only". */
const only =
  /^(?:only (?:[\w-]+ ){0,2}(?:units|answers|replies|sources|recipes|examples|language|english|spelling|format|dates?|prices|links|results|suggestions)|(?:[\w-]+ ){1,3}(?:units|answers|replies|sources|recipes|examples|spelling|format|prices|results|suggestions) only)$/i;

const remember =
  /^(?:remember|remind me(?= that\b)|note|keep in mind|bear in mind|be aware|do not forget|make a note|take note|for your records|save this|store this|important|for future reference|note to self)(?:(?:(?: that|:|,| of the fact that)* (?!(?:to|when|how|the time|me|it(?! is\b)|this|that|the)\b))|(?: that|:|,)+ (?=the\b(?! time\b))|(?:(?: that|:|,)* )(?=the [\w' -]{2,40}(?: is|:) ?\S)| (?=the (?!(?:time|day|days|first|last)\b)[^?]{2,60}? (?:is|are|was|has|needs|goes|comes|opens|closes|starts|ends|costs|must|can|will)\b))(.+)$/i;
const remind = /^(?:remind me|remember|do not forget|do not let me forget) (to|about|of) (.+)$/i;

/** A subject with its verb: "Sunday meetup is at the hall". */
const statesSomething =
  /^(?!(?:make|be|keep|say|let|ensure|check)\b)(?:[\w'-]+ ){1,4}(?:could|can|would|only|had|is|are|was|were|has|will be|starts|ends|meets|costs|takes|goes|comes|happens)\b/i;

/** A thing or a person with a verb: "post should go to the office", "the vet says he needs 5 ml". */
const hasModal =
  /^(?!(?:answers?|replies|responses?|messages?|you|it|this|that|lists?|code|examples?|emails?|text)\b)(?:[\w'-]+ ){1,3}?(?:should|must|says?|said|will|is|are) \w/i;

/** Whether a phrase begins with an imperative; "been there" or "a pleasure" does not. */
const isImperative = (rest: string, tag: Tagger): boolean => {
  const [first] = tag(rest);
  if (!first || isPast(first.lower) || /ing$/.test(first.lower)) return false;
  if (first.pos !== 'VERB' && statesSomething.test(rest)) return false;
  if (hasModal.test(rest)) return false;
  return !/^(?:i|it|my|our|you|we|they|he|she|there|that|this|mind|a|an|the|again|in|been|happy|here|there|good|nice|great|fun|my|so|such|knew|thought|been|seen|gone|too|say|give up)\b/i.test(
    rest,
  );
};

const toAssistant = (text: string): string =>
  text
    .replace(/\byour\b/gi, 'its')
    .replace(/\byou\b/gi, 'it')
    .replace(/\byourself\b/gi, 'itself');

const wanted = (action: string): string => `I want the assistant ${toAssistant(action)}`;

/** Reads a request as a statement; undefined when the rule does not apply. */
type InstructionRule = (request: string, tag: Tagger) => string | undefined;

const instructionRules: readonly InstructionRule[] = [
  (request) => {
    const called = callMe.exec(request)?.[1];
    if (called === undefined || noName.test(called)) return undefined;
    return `I prefer to be called ${called.charAt(0).toUpperCase()}${called.slice(1)}`;
  },
  (request, tag) => {
    const condition = whenever.exec(request);
    const action = condition?.[2] ?? '';
    return condition && isImperative(action, tag)
      ? `${wanted(`to ${action}`)} whenever ${toAssistant(condition[1] ?? '')}`
      : undefined;
  },
  (request, tag) => {
    const [, when = '', rest = ''] = alwaysNever.exec(request) ?? [];
    if (rest === '' || !isImperative(rest, tag)) return undefined;
    return wanted(`to ${/^always$/i.test(when) ? 'always' : 'never'} ${rest}`);
  },
  (request, tag) => {
    const rest = leadingMarker.exec(request)?.[1] ?? trailingMarker.exec(request)?.[1];
    if (rest === undefined || /^(?:I|my|we|it|there|you are)\b/i.test(rest)) return undefined;
    const never = /^(?:do not|never) (.+)$/i.exec(rest)?.[1];
    if (never !== undefined) return wanted(`to never ${never}`);
    return isImperative(rest, tag) ? wanted(`to ${rest} from now on`) : undefined;
  },
  (request) => {
    const [, condition, action] = whenNoComma.exec(request) ?? [];
    return action === undefined
      ? undefined
      : `${wanted(`to ${action}`)} whenever ${toAssistant(condition ?? '')}`;
  },
  (request) =>
    useMine.test(request)
      ? wanted(`to ${request.replace(/\b(?:my|our)\b/, "the user's")}`)
      : undefined,
  (request) => (only.test(request) ? wanted(`to use ${request}`) : undefined),
  (request) =>
    addressed.test(request) ? wanted(`to ${request.replace(/^you \w+ /i, '')}`) : undefined,
  (request) => (replyLanguage.test(request) ? wanted(`to ${request}`) : undefined),
  (request) =>
    yourReplies.test(request) || whileAnswering.test(request) || manner.test(request)
      ? wanted(`to ${request}`)
      : undefined,
  (request) => {
    const [, thing, place] = without.exec(request) ?? [];
    return thing === undefined ? undefined : wanted(`to use no ${thing} in its ${place}`);
  },
  (request) =>
    negative.test(request)
      ? wanted(request.replace(/^do not /i, 'not to ').replace(/^stop /i, 'to stop '))
      : undefined,
  (request) =>
    wantsYou.test(request)
      ? request
          .replace(/^I (\w+(?: \w+)?) you\b/i, 'I $1 the assistant')
          .replace(/\byour\b/g, 'its')
      : undefined,
];

/**
 * Recognizes a name to use, a standing instruction ("always answer in French") or a "remember that ..."; undefined for
 * other sentences, one-off requests included.
 */
export const parseStandingInstruction = (
  sentence: string,
  tag: Tagger,
): StandingInstruction | undefined => {
  let request = cutEnd(sentence, /[.!?\s]/);
  for (let before = ''; before !== request; ) {
    before = request;
    request = request.replace(politeness, '');
  }
  request = request.replace(/,? (?:please|thanks|thank you|ok|okay)$/i, '');
  const reminder = remind.exec(request);
  if (reminder)
    return { statement: `I asked to be reminded ${reminder[1]} ${reminder[2]}`, isRequested: true };
  const noted = remember.exec(request)?.[1];
  if (noted !== undefined && !/\?$/.test(sentence))
    return parseStandingInstruction(noted, tag) ?? { statement: noted, isRequested: true };
  if (spokenLanguage.test(request) && !/^speak|\?$/.test(sentence))
    return { statement: wanted(`to ${request.replace(/^S/, 's')}`), isRequested: true };
  for (const rule of instructionRules) {
    const statement = rule(
      request.charAt(0).toLowerCase() === 'i'
        ? request
        : request.charAt(0).toLowerCase() + request.slice(1),
      tag,
    );
    if (statement !== undefined) return { statement, isRequested: true };
  }
  return undefined;
};

/** Request to delete a fact in the first person, a topic, or more than a message may delete. */
export type DeletionRequest =
  | { fact: string }
  /** `isIdiom`: "never mind the milk" may be about anything that was said of it. */
  | { topic: string; isIdiom?: true }
  | { everything: true };

const pleaseWords =
  /^(?:please|pls|kindly|just|actually|(?:can|could|would|will) you(?: please)?|I (?:want|would like|need) you to|you can|you should)[,\s]+/i;
const verb = '(?:forget|delete|remove|erase|disregard|drop|clear|wipe)';
const facts = new RegExp(
  `^${verb} (?:about )?(?:the (?:fact|memory|part) )?that ((?:I|my|we|our) .+)$`,
  'i',
);
const unsaid =
  /^I (?:never|did not) (?:say|said|tell you|told you|claim|claimed)(?: to you)?(?: that)? ((?:I|my|we|our)\b .+)$/i;
const knowledge =
  '(?:(?:everything|anything|all|what|whatever|the (?:memory|memories|facts?|information|info|data|things?)|(?:any |all |your )?(?:memory|memories|facts?|information|info|data|notes?)|all of it)(?: that)?(?: (?:you|I|we) (?:know|have|had|remember|remembered|stored|saved|learned|said|told you|mentioned|talked|discussed|shared)(?: (?:stored|saved|earlier|before))?)? (?:about|of|on|regarding|related to) )';
const topics = [
  /^(?:forget|delete|remove|erase|drop) ((?:where|what|how|who) (?:I|we) (?!(?:said|told|wrote|mentioned|just|asked)\b)[^,]{2,40})$/i,
  /^(?:forget|delete|remove|erase|disregard|drop|scratch|ignore) (?:the|that) (?:thing|bit|part|stuff|note|memory|fact|one) (?:about|on|regarding) (?:me |my )?([^,;]+)/i,
  /^(?:that|the) (?:thing|bit|part|stuff) (?:I (?:said|mentioned|wrote|told you) )?about ([^,;]+?)(?:,| -|;)? (?:please |just )?(?:ignore|forget|scratch|delete|drop|remove) (?:it|that)$/i,
  /^(?:forget|scratch|ignore|disregard|never mind) (?:what I (?:said|told you|wrote)|that|the (?:thing|bit|part)) about ([^,;]+)/i,
  new RegExp(`^${verb} (?:about )?${knowledge}(.+)$`, 'i'),
  /^(?:forget|disregard) about (.+)$/i,
  /^(?:forget|disregard) (?:about )?the (?!(?:last|previous|above|first|second|third|past|fact|time|rest|code|question|text|whole|other)\b)([\w' -]{2,40}?)(?:, .+)?$/i,
  /^(?:that|the) (?:thing|bit|part|stuff) about (.+?) (?:is|was) (?:not (?:true|right|correct)|wrong|false|a joke|a lie)\b/i,
  new RegExp(
    `^${verb} ((?:my|our) .+?)(?: from (?:your )?(?:memory|memories|notes|records))?$`,
    'i',
  ),
] as const;
/** "Forget about the milk", which may be said of what is to be bought. */
const idiomatic =
  /^(?:forget|disregard) (?:about )?the (?!.*\b(?:allerg|intoleran|diet))(?:[\w'-]+ ){0,2}[\w'-]+(?:,.*)?$/i;
const neverMind =
  /^(?:scratch|never ?mind|nvm) (?:about )?the (?!(?:last|previous|above|first|second|third|past|fact|time|rest|code|question|text|whole|other|thing|bit|part|stuff|note|memory|one)\b)([\w' -]{2,40}?)(?:, .+)?$/i;
const sweeping = new RegExp(
  `^(?:.* and )?${verb} (?:(?:all|every|any|your|my|the|of|entire|whole) )*(?:memory|memories|data|conversations?|history|everything|all|facts|records|(?:what )?you know)\\b`,
  'i',
);
const nothingSpecial =
  /^(?:(?:the|every|all|any|other)(?: the)? (?:users?|people|others)|users?|every(?:one|body)|me|it|this|that|them|us|everything|anything|all|myself|my (?:memory|memories|data|history|life|conversations?|past)|you)\b/i;

/** Recognizes a request to delete memories; undefined for other sentences. */
export const parseDeletionRequest = (sentence: string): DeletionRequest | undefined => {
  let request = cutEnd(sentence, /[.!?\s]/);
  for (let before = ''; before !== request; ) {
    before = request;
    request = request.replace(pleaseWords, '');
  }
  request = request.replace(/,? (?:please|thanks|thank you)$/i, '');
  const fact = facts.exec(request)?.[1] ?? unsaid.exec(request)?.[1];
  if (fact !== undefined) return { fact };
  const idiom = neverMind.exec(request)?.[1];
  if (idiom !== undefined) return { topic: idiom, isIdiom: true };
  for (const pattern of topics) {
    const topic = pattern.exec(request)?.[1];
    if (topic === undefined) continue;
    if (nothingSpecial.test(topic)) return { everything: true };
    return idiomatic.test(request) ? { topic, isIdiom: true } : { topic };
  }
  return sweeping.test(request) ? { everything: true } : undefined;
};

/** A noun that looks like a verb, with its own verb behind: "Prod database is Postgres". */
const namesSubject =
  /^\w+ (?!the|an?|my|your|if|me|this|that|whether|how|what)(?:[\w'-]+ )?(?:is|are|was|were|has|had|costs?|runs|uses|moved|got|went|starts?|ends?|opens|closes|leaves|arrives|lands|happens|cancel+ed|postponed|delayed|rescheduled|scheduled|finished|failed|passed|changed|takes|meets|begins|comes|goes|died|broke|due|owns|expires|works|plays|lives|needs|gets)\b/i;

/** The same with any verb in the past, or in the third person: "launch slipped to May", "Hector cuts my hair". */
const hasOwnVerb =
  /^\w+ (?:(?:has |have |had |just |already |finally )*\w+ed (?:to|in|on|at|by|from|out|up|down|back|over|off|until|till|the|a|my|our|their|again|away|into|onto|yesterday|today|last|\d+|two|three|four|five|six|seven|eight|nine|ten)\b|\w+[^s\W]s (?:my|our|me|us)\b)/i;

/** A noun of two words: "go-live of the shop". */
const hyphenated = /^\p{L}+-\p{L}+/u;

/** Label of one or two words in front of a colon: "Done: pay the plumber", "Cheat day: Sunday". */
const label =
  /^\p{L}+(?: (?!(?:an?|the|my|our|your|this|that|these|those|it|me|us)\b)\p{L}+)?(?:: | ?(?:=|->|=>|→) ?)\S/u;

/** Whether a statement starts with a verb in its base form: "Roast my chicken". */
export const isCommand = (statement: string, tag: Tagger): boolean => {
  const [first] = tag(statement);
  return (
    first?.pos === 'VERB' &&
    !isPast(first.lower) &&
    !/(?:ing|[^s]s)$/.test(first.lower) &&
    !namesSubject.test(statement) &&
    !hasOwnVerb.test(statement) &&
    !label.test(statement) &&
    !hyphenated.test(statement)
  );
};
