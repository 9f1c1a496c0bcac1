import { cutEnd } from '../text/cut-end.ts';
import type { Tagger } from '../text/tagger.ts';
import { isPast } from '../text/verb-forms.ts';

/** What a request to the assistant asks to keep, as a statement in the first person. */
export interface StandingInstruction {
  statement: string;
  /** The speaker said "remember": kept even where nothing personal is said. */
  asked: boolean;
}

const politeness =
  /^(?:please|pls|kindly|just|ok(?:ay)?,?|you can|you may|feel free to|(?:can|could|would|will) you(?: please)?|in (?:all )?your (?:replies|answers|responses)|do not call me [^,;]+?[,;](?= (?:please )?call me))[,\s]+/i;
const name = "([\\p{Lu}][\\p{L}'-]*(?: [\\p{Lu}][\\p{L}'.-]*){0,3}|\\p{L}{2,20})";
const callMe = new RegExp(
  `^(?:call|address|refer to) me (?:as |by |by my nickname )?"?${name}"?(?: (?:from now on|instead|please|going forward))*$`,
  'iu',
);
const noName =
  /^(?:later|back|when|tomorrow|at|if|asap|tonight|now|crazy|maybe|today|again|soon|anytime|on|in|by|a|an|the)$/i;

const languages =
  'arabic|bengali|bulgarian|catalan|chinese|croatian|czech|danish|dutch|english|finnish|french|german|greek|hebrew|hindi|hungarian|indonesian|italian|japanese|korean|malay|mandarin|norwegian|persian|farsi|polish|portuguese|romanian|russian|serbian|slovak|spanish|swahili|swedish|tagalog|tamil|thai|turkish|ukrainian|urdu|vietnamese|welsh|british english|american english';
const replyLanguage = new RegExp(
  `^(?:answer|reply|respond|speak|talk|write|communicate)(?: to me| with me| back)?(?: only)? (?:only )?in (?:${languages})(?: only)?$`,
  'i',
);

const marker =
  '(?:from now on|going forward|from here on|henceforth|in (?:the )?future|by default|for all future (?:replies|answers|conversations)|every time|each time|at all times)';
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
const whileAnswering =
  /^(?:use|give|show|include|avoid|add|write|skip|assume)\b.* (?:when|whenever|while|if) (?:you (?:answer|reply|respond|talk|write|speak|explain)|(?:answering|replying|responding|talking|writing|explaining))\b.*$/i;
const manner =
  /^(?:be|stay) (?:more |very )?(?:concise|brief|formal|informal|direct|polite|honest|succinct)\b.*$/i;
const negative =
  /^(?:do not|stop) (?:use|using|call|calling|mention|mentioning|suggest|suggesting|recommend|recommending|include|including|add|adding|send|sending|address|addressing|apologizing|apologising|repeating|asking|saying)\b.*$/i;
const whenever =
  /^(?:whenever|when|every time|each time|any time|if) ((?:I|you|we) [^,]{2,80}), (?:please |then |always )*(.+)$/is;

const remember =
  /^(?:remember|note|keep in mind|bear in mind|be aware|do not forget|make a note|take note|for your records|save this|store this|important|for future reference)(?: that|:|,| of the fact that)* (?!(?:to|when|how|the time|me|it|this|that|the)\b)(.+)$/i;
const remind = /^(?:remind me|remember|do not forget|do not let me forget) (to|about|of) (.+)$/i;

/** Verbs that begin a request; "never been there" or "always a pleasure" is none. */
const isImperative = (rest: string, tag: Tagger): boolean => {
  const [first] = tag(rest);
  if (!first || isPast(first.lower) || /ing$/.test(first.lower)) return false;
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

type Reader = (request: string, tag: Tagger) => string | undefined;

const readers: readonly Reader[] = [
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
  (request) => (replyLanguage.test(request) ? wanted(`to ${request}`) : undefined),
  (request) =>
    yourReplies.test(request) || whileAnswering.test(request) || manner.test(request)
      ? wanted(`to ${request}`)
      : undefined,
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

/** A name or a standing instruction ("always answer in French"), or what is to be remembered. One-off requests are neither. */
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
    return { statement: `I asked to be reminded ${reminder[1]} ${reminder[2]}`, asked: true };
  const noted = remember.exec(request)?.[1];
  if (noted !== undefined && !/\?$/.test(sentence))
    return parseStandingInstruction(noted, tag) ?? { statement: noted, asked: true };
  for (const reader of readers) {
    const statement = reader(
      request.charAt(0).toLowerCase() === 'i'
        ? request
        : request.charAt(0).toLowerCase() + request.slice(1),
      tag,
    );
    if (statement !== undefined) return { statement, asked: true };
  }
  return undefined;
};
