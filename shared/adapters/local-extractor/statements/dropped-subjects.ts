import { languages } from './requests.ts';

/** Statements of chats and notes without their "I", which begin as a question or a request does. */

const weekday = '(?:mon|tues|wednes|thurs|fri|satur|sun)days?';
const often = `(?:every|each|once|twice|(?:two|three|four|five|\\d+) times|daily|weekly|monthly|an? (?:day|week|month|year)|on ${weekday}|in the (?:mornings?|evenings?)|nights|mornings|evenings|weekends|since|for (?:\\d+|many|two|three|ten) years)`;
const verbs =
  'work|take|run|play|keep|go|give|read|write|find|come|speak|teach|sing|train|swim|cycle|commute|cook|drive|eat|drink|live|sleep|wear|use|own|study|practi[sc]e|volunteer|donate|visit|attend|stop|try|make|save|spend|earn|pay|owe|order|book|call|check|open|send|watch|help|plan|search';

const tongue = `latin|sanskrit|${languages}`;
/** Words for how well a language is spoken. "Speak Spanish" alone is a request. */
const level =
  'some|a bit of|a little(?: bit of)?|basic|fluent|good|decent|broken|conversational|rusty|native|passable|no|both|mainly|mostly|only a little|very little';

/** "Can no longer drive", "will be in Rome until May", "did my PhD in Graz", "used to smoke". */
const auxiliaries: readonly RegExp[] = [
  /^can(?:not| (?:no longer|only|barely|hardly|never)) (?!you\b|we\b|wait\b|believe\b|thank\b|tell\b|complain\b|say\b|help (?:it|but)\b)\w/i,
  /^(?:do|does|did) not (?:eat|drink|like|have|own|drive|smoke|live|work(?= (?:at|for|in|on|with))|speak|take|trust|sleep|cook|swim|fly|celebrate|get along|do (?:sports?|dairy|gluten|mornings|well)|care for|believe in|go to|vote|wear|play|exercise|touch)\b/i,
  /^(?:put (?:my|our)|(?:hung|hid|stashed) (?:my|our|the)) (?:[\w'-]+ ){1,3}?(?:in|on|under|behind|at|into|inside|next to) (?:the|my|our|a) (?!.*\b(?:lists?|calendar|cart|basket|notes?|document|email|file|spreadsheet|folder|agenda|memory|table|column|list)\b)\w/i,
  /^will (?:not )?(?:be (?!fine\b|ok\b|okay\b|great\b|good\b|fun\b|there\b|back\b|nice\b)|move|start|turn|leave|fly|travel|visit|stay|arrive|marry|retire|graduate)\b/i,
  /^did (?:my|our|an?|the|two|three|some) \w/i,
  /^was (?:an? (?!bit\b|lot\b|joke\b|pleasure\b)|the |born|raised|diagnosed|married|in |at |on (?:a|the|my)|never|once|vegan|vegetarian|adopted|fired|promoted|hired|laid off)/i,
  /^used to (?!it\b|this\b|that\b|be (?:the|a) (?:way|time)\b)[a-z]+/i,
  /^(?:should|might|may|could) (?:be (?:an?|the|in|at|moving|leaving|back in)|move|need|switch|quit|have to)\b/i,
  /^(?:really |still |absolutely )*(?:love|hate|miss|enjoy|need|want) (?:my|our) \w/i,
  /^(?:really |absolutely |still )*(?:hate|prefer|dislike|detest|adore) (?!it\b|that\b|this\b|these\b|those\b|them\b|when\b|how\b|if\b|to (?:see|hear|say|be)\b|seeing\b)\w/i,
  /^come from (?!the (?:same|first)\b)/i,
  /^play the \p{L}+[.!]*$/iu,
  /^let (?!me\b|us\b|you\b|it\b|him\b|her\b|them\b)(?:[^\s,]+ ){1,4}(?:expire|lapse|run out|go)(?: (?:after|because|since|in|last|this|when) .*)?[.!]*$/i,
  /^(?:do|did) not (?!(?:send|call|tell|text|email|ask|show|suggest|use|mention|remind|write|say|give|recommend|include|add|do|let|make|put|bother)\b)[a-z]+ .*\b(?:any ?more|any longer)[.!]*$/i,
  /^run (?:ultra|half[ -])?marathons?\b/i,
  /^find (?:\w+ ){1,3}(?:stressful|hard|difficult|boring|exhausting|overwhelming|scary|annoying|relaxing|tiring|upsetting)\b/i,
  /^keep (?:an? )?(?:kosher|halal|vegan|vegetarian|bees|chickens|hens|goats|sheep|horses|rabbits|pigeons)\b/i,
  new RegExp(`^read (?:\\w+ )?(?:latin|sanskrit|${languages})\\b`, 'i'),
  new RegExp(
    `^(?:speak|write) (?:(?:${level}) (?:${tongue})\\b|(?:${tongue}),? (?:(?:and|&) (?:${tongue})\\b|(?:fluently|natively|badly|poorly|well|daily|(?:at|with|since|because|a (?:bit|little)|but)\\b)))(?! (?:to|with) me)`,
    'i',
  ),
];
const moving =
  /^are (?:moving|having|getting|expecting|going to|planning|leaving|adopting|renting|staying)\b/i;
const habit = new RegExp(
  `^(?:${verbs}) (?!me\\b|us\\b|up\\b|it\\b|that\\b|this\\b)[^?]{0,80}\\b${often}\\b`,
  'i',
);
const ofOwn =
  /^(?:work|live|sleep|commute|keep|eat|train|volunteer|speak) (?:with|at|in|on|from|by|for|to)? ?(?:my|our) (?!(?:answers?|repl(?:y|ies)|responses?|messages?|texts?|names?|data)\b)[^?]{2,60}$|^write (?:with|at|in|on|from|by) (?:my|our) [^?]{2,60}$/i;
const addressed = /\b(?:you|your|please|(?:for|to|with) me|reminders?|alarms?|timers?)\b|\?/i;

const lowered = (sentence: string): string => sentence.charAt(0).toLowerCase() + sentence.slice(1);

/** "Used to smoke" -> "I used to smoke". Undefined for other sentences. */
export const withDroppedSubject = (sentence: string): string | undefined => {
  if (addressed.test(sentence)) return undefined;
  if (moving.test(sentence)) return `We ${lowered(sentence)}`;
  const isDropped =
    auxiliaries.some((pattern) => pattern.test(sentence)) ||
    habit.test(sentence) ||
    ofOwn.test(sentence);
  return isDropped ? `I ${lowered(sentence)}` : undefined;
};
