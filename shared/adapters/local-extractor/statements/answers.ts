import type { Message } from '../../../domain/memory/turn.ts';
import { cutEnd } from '../text/clean-text.ts';
import { type Asked, answerRules } from './answer-rules.ts';
import { invertedQuestions } from './inverted-questions.ts';
import { expandContractions } from './normalize-sentence.ts';
import { spokenAnswers } from './spoken-answers.ts';

/** Statement that an answer to a question of the assistant makes. */
export interface Answer {
  /** In the first person, as the speaker would say it without the question; with `verbatim`, question and answer as they were said. */
  text: string;
  verbatim?: true;
}

/** Bounds of the texts that are read, in characters. */
const maxQuestion = 160;
const maxAnswer = 120;

/** Questions about the conversation itself, not about the speaker. */
const aboutConversation =
  /\b(?:me to|you sure|help you|help with|anything else|how are you|make sense|does that|is that (?:ok|okay|right|correct)|like me|know more|continue|go on|go ahead|try again|how can I|what can I|did you mean|want to (?:hear|see|know)|need (?:more|any) (?:help|info\w*|details)|how did (?:it|that) go|ready)\b/i;

const affirmative =
  /^(?:👍|✅|👌|yes|yeah|yep|yup|correct|right|exactly|indeed|absolutely|sure|of course|i do|i am)(?:\b|(?<=[👍✅👌]))[,.!: ]*/iu;
const negative =
  /^(?:(?:god |hell |oh |definitely |absolutely )?(?:no|not)|nope|nah|none|nothing|not really|not at all|not yet|not any ?more|never)(?:[,.!]+ ?|$)/i;
const filler =
  /^(?:well|um+|uh+|hmm+|oh|ok(?:ay)?(?= so)|so|actually|just|probably|please|I think|I guess|I would say|definitely|maybe|hard to say|let me think|good question|tough one)[, ]+/i;
const emphasis =
  /,? (?:for sure|definitely|actually|please|thanks|thank you|I think|I guess|of course|though|lol|haha)$/i;
const noAnswer =
  /^(?:thank\w*|thx|great|nice|cool|awesome|perfect|ok|okay|k|sure|sounds|please|go ahead|do it|why|what|how|who|when|where|which|can|could|would|will|is|are|do|does|tell|show|give|let|never ?mind|skip|whatever|idk|not sure|no idea|I do not know|later|hello|hi|hey|wow|good|that(?! (?:it|he|she|we|they|my|I) )|this|it)\b/i;
/** A value that begins as a reaction does: "good old Stansted", "that old Volvo". */
const namesValue =
  /^(?:good|great|nice|that|this|perfect|ok|okay|cool|sure) (?!(?:question|idea|point|one|thanks?|thank|to|is|are|was|were|for|so|then|works?|sounds?|looks?|will|would|can|day|morning|night|evening|luck|job|i|you|it|thing)\b)\S/i;
/** "Not that I know of": no. */
const unknownToMe =
  /^(?:no|none|not|nothing|nope),? (?:none |not |nothing )?that I (?:know|am aware|can think|know about)(?: of)?\b/i;
/** Whole sentences about relatives, which are read by themselves. */
const ofKin =
  /^(?:mum|mom|dad|mother|father|grandma|grandpa|gran) (?:is|was|has|had|works?|does|did|lives?)\b/i;
/** A question in return, behind the answer. */
const askedBack =
  /(?:[,;.!] ?| - )(?:why|and you|and yours|you|yours|how about you|what about you|is that (?:ok|okay|fine|a problem)|does that (?:help|matter|work)|why do you ask|ok|right)\?$/i;
/** Things or people of the speaker without a verb: "with my mom and two cats". */
const ownPhrase =
  /^(?!.*\b(?:is|are|was|were|has|had|have|does|do|did|will|can|[a-z]+ed|lives?|works?|likes?|loves?|hates?|I)\b)(?:(?:just|only|mostly|still) )?(?:(?:with|at|in|from|for|by) )?(?:my|our) (?:[\w'-]+ ){0,6}[\w'-]+(?:, [\w' -]{2,20})?$/;
const firstPerson = /\b(?:I|my|we|our|me)\b/;

/** A question in the form of a request: "Please tell me your name." */
const requestedValue =
  /(?:^|[.!?] )(?:please |just )?(?:tell|give|send) me your ([\w' -]{2,40})[.:!]?$/i;
/** Words in front of the value that was asked for: "it's Ilse". */
const itIs = /^(?:it|that|they|those|mine) (?:is|are|was|were|would be) (?=\S)/i;
const asksForValue =
  /^(?:what|which|where|when|who|how (?:much|many|old|tall|often|long)|can you tell me)\b/i;
/** A question about the speaker that "yes" or "no" answers. */
const aboutSpeaker =
  /^(?:do|did|are|is|was|were|have|has|can) (?:you(?! (?:want|need|think|know|mean|see|sure)\b)|your)\b/i;

/** The last question of a message; undefined without one at its end. */
const questionIn = (content: string): string | undefined => {
  const text = content.slice(-maxQuestion * 2).trimEnd();
  const requested = requestedValue.exec(text)?.[1];
  if (requested !== undefined) return `can you tell me your ${requested}`;
  if (!text.endsWith('?')) return undefined;
  const [question = ''] = text
    .slice(0, -1)
    .split(/[.!?\n:]\s/)
    .slice(-1);
  const asked = question
    .trim()
    .replace(/^(?:(?:and|so|but|ok|okay|great|also|by the way|just curious),? ){1,3}/i, '');
  return asked.length > maxQuestion ? undefined : expandContractions(asked);
};

const trimmed = (answer: string): string => {
  let rest = cutEnd(answer, /[\s.!]/);
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(filler, '').replace(emphasis, '');
  }
  return rest;
};

const read = (question: string, answer: string): Asked => {
  const asksFor = asksForValue.test(question);
  const plain = asksFor ? trimmed(trimmed(answer).replace(itIs, '')) : trimmed(answer);
  const agrees = affirmative.test(plain) ? true : negative.test(plain) ? false : undefined;
  const value = trimmed(plain.replace(agrees ? affirmative : negative, ''));
  return { question, value, agrees };
};

const pronounSubject = /^(?:she|he)(?= (?:is|was|has|will|got|went|left|quit|\w+s|\w+ed)\b)/i;

/** "she starts in the fall", asked whether "your daughter" is in school yet, as a statement about the daughter. */
const aboutRelative = (question: string, answer: string): string | undefined => {
  const [, relative, what = ''] =
    /^(?:(?:what|how) about |(?:is|are|has|have|does|do|how old is|where (?:is|does)) )?your ([a-z-]+)(?: ([^,]{2,60}))?$/i.exec(
      question,
    ) ?? [];
  if (relative === undefined || !pronounSubject.test(answer)) return undefined;
  const topic = what.replace(/ (?:yet|already|too)$/i, '');
  return `${answer.replace(pronounSubject, `My ${relative}`)}${topic === '' || /^(?:where|your|what|how about)|^(?:is|are) your [a-z-]+ still /i.test(question) ? '' : ` (${topic})`}`;
};

/** Whether an answer is a sentence in the first person or about a relative, which is read by itself. */
const isSentence = (answer: string): boolean =>
  ofKin.test(answer) ||
  (!ownPhrase.test(answer) &&
    firstPerson.test(answer.replace(/^(?:I think|I guess|I would say)\b/i, '')));

/** The question of a message and the answer to it; undefined where one of both is none. */
const askedIn = (question: Message, answer: Message): Asked | undefined => {
  if (question.role !== 'assistant' || answer.role !== 'user') return undefined;
  const content = answer.content.trim().replace(askedBack, '');
  if (content.length > maxAnswer || /[?\n]/.test(content) || content === '') return undefined;
  const asked = questionIn(question.content);
  if (asked === undefined || aboutConversation.test(asked)) return undefined;
  const plain = expandContractions(content).replace(unknownToMe, 'no');
  if (isSentence(plain)) return undefined;
  const ofAnother = aboutRelative(asked, plain);
  if (ofAnother !== undefined) return { question: '', value: ofAnother, agrees: undefined };
  const parsed = read(asked, plain);
  const isNamed = asksForValue.test(asked) && namesValue.test(parsed.value);
  return noAnswer.test(parsed.value) && !isNamed ? undefined : parsed;
};

/**
 * Reads a short answer to a question of the assistant as a statement: "Any allergies?" and "Yes, peanuts" say "I have allergies:
 * peanuts". An answer that fits no rule is kept with its question. Undefined for everything else, also for answers in whole
 * sentences, which are read by themselves.
 * @param answer message of the user, right behind `question`
 */
export const answerTo = (question: Message, answer: Message): Answer | undefined => {
  const asked = askedIn(question, answer);
  if (!asked) return undefined;
  if (asked.question === '') return { text: `${asked.value}.` };
  for (const [pattern, say] of [...spokenAnswers, ...answerRules, ...invertedQuestions]) {
    const match = pattern.exec(asked.question);
    const text = match ? say(match, asked) : undefined;
    if (text !== undefined) return { text: `${text.replace(/\byour\b/g, 'my')}.` };
  }
  const isDecided = asked.agrees !== undefined && aboutSpeaker.test(asked.question);
  return asked.value === '' && !isDecided
    ? undefined
    : { text: `"${asked.question}?" "${answer.content.trim()}"`, verbatim: true };
};
