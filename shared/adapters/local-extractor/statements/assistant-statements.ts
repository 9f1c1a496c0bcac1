import { languages } from './requests.ts';

/** Longest sentence that is read. */
const maxLength = 300;

const opening = '^I (?:will|shall|am going to|promise to|promise (?:that )?I will) ';
const adverb = String.raw`(?:(?:\w{2,12}ly|also|always|then|make sure to|be sure to) ){0,2}`;

/** Acts that concern the time after the conversation by themselves. */
const laterAct = new RegExp(
  `${opening}${adverb}(?:remind|notify|alert|ping|wake|check (?:in|back)|follow up|call you|address you|refer to you|avoid|stop|(?:answer|reply|respond|speak|write)(?: \\w{1,12}){0,3} in (?:${languages}))\\b`,
  'i',
);
const refrains = new RegExp(
  `${opening}(?:never|not|no longer) (?!(?:be|know|have|need)\\b)\\w`,
  'i',
);
const act = new RegExp(
  `${opening}${adverb}(?!(?:explain|show|list|give|help|tell|walk|break|start|begin|try|assume|use|need|be|go|provide|describe|summari[sz]e|suggest|recommend)\\b)\\w`,
  'i',
);
/** Words that put an act after the conversation. */
const later =
  /\b(?:every|each|daily|weekly|monthly|from now on|tomorrow|tonight|next|on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|at \d|in (?:\d+|an?|one|two|three|four|five|six|a few) (?:minute|hour|day|week|month)s?|in the (?:morning|evening|afternoon)|whenever|until|(?:19|20)\d\d)\b/i;

const identity = [
  /^I am (?:your|called|named) \w/i,
  /^I am [A-Z][\w'-]{1,30}, (?:your|an?|the) \w/,
  /^I am an? (?:[\w'-]{1,20} ){1,3}(?:coach|tutor|companion|teacher|trainer|advis[eo]r|concierge|planner|guide)\b/i,
  /^(?:my name is|you (?:can|may) call me) [A-Z]/i,
  /^I (?:speciali[sz]e in|work (?:for|at)|was (?:made|built|created|developed|trained) by) \w/i,
];

/** Offers, and sentences that only the conversation explains. */
const vague =
  /\?["')\]]*$|\bif you\b|\bwould you\b|\bwhat I\b|\b(?:happy|glad|able) to\b|\b(?:that|this|it|so)[.!]*$|\bin mind\b/i;

const acknowledgement =
  /^(?:(?:ok|okay|sure|sure thing|got it|great|noted|understood|of course|absolutely|certainly|perfect|alright|yes|thanks|then)[,.!:;]? (?:and |so )?){1,3}(?=I\b|my\b|you\b)/i;

/** The sentence without the acknowledgement before it: "Got it, I will ...". */
export const withoutAcknowledgement = (sentence: string): string =>
  sentence.replace(acknowledgement, '');

/**
 * Whether a sentence of an assistant, without contractions, says what the assistant is or commits it to something later: "I will
 * remind you on Monday", "I am your diet coach". Recommendations, explanations, offers and what the assistant does at once are no
 * such statements.
 */
export const isAboutAssistant = (sentence: string): boolean => {
  const read = sentence.slice(0, maxLength);
  if (vague.test(read)) return false;
  const isCommitment =
    laterAct.test(read) || refrains.test(read) || (act.test(read) && later.test(read));
  return isCommitment || identity.some((pattern) => pattern.test(read));
};
