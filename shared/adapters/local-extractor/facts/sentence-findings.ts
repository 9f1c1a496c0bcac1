import { amendmentIn, asidesIn, isShortNote, mayState } from '../statements/asides.ts';
import { clausesOf } from '../statements/clauses.ts';
import { withAntecedent, withSubject } from '../statements/coreference.ts';
import { trackMentions } from '../statements/mentions.ts';
import { expandContractions, stripDiscourseMarkers } from '../statements/normalize-sentence.ts';
import { hasNoun, isReport, readOther } from '../statements/other-statements.ts';
import { isAboutKnownName } from '../statements/people.ts';
import {
  isCommand,
  parseDeletionRequest,
  parseStandingInstruction,
} from '../statements/requests.ts';
import {
  hasContent,
  isAsked,
  isBriefHabit,
  isPersonal,
  isSmallTalk,
  statedPart,
} from '../statements/small-talk.ts';
import { takenBack } from '../statements/taken-back.ts';
import { type ExtractionContext, type Finding, toFact } from './finding.ts';
import { attributionOf, isSpecific, passedOnFindings, passedOnRequest } from './passed-on.ts';
import { replacementIn } from './replacements.ts';

const secondPerson = /\b(?:you|your|yours|yourself)\b/i;

const isRelevant = (statement: string, context: ExtractionContext): boolean =>
  isPersonal(statement) ||
  isAboutKnownName(statement, context.known) ||
  context.topicFilter?.test(statement) === true;

/** A quote in the first person, whose clauses belong together. */
const quotesSpeaker = /"[^"]{0,200}\b(?:I|my|we|our)\b[^"]{0,400}"/i;

/** Facts of a statement. `isRequested`: the speaker asked to remember it, so relevance is not checked. */
const factsOf = (statement: string, isRequested: boolean, context: ExtractionContext): Finding[] =>
  (quotesSpeaker.test(statement) ? [statement] : clausesOf(statement, context.tag))
    .map((clause) => stripDiscourseMarkers(clause, context.people))
    .flatMap((clause): Finding[] => {
      if (!isRequested && !isRelevant(clause, context)) return otherFindings(clause, context);
      if (
        !isRequested &&
        (isSmallTalk(clause) || !(hasContent(context.tag(clause)) || isBriefHabit(clause)))
      )
        return [];
      const isUnclear =
        context.isPeerChat && context.speakers.addressee === undefined && secondPerson.test(clause);
      return isUnclear ? [] : [{ kind: 'fact', text: toFact(clause, context) }];
    });

const unclear = 'it is unclear which memory is to be forgotten';

const retractionOf = (sentence: string, context: ExtractionContext): Finding | undefined => {
  const request = parseDeletionRequest(sentence);
  if (!request) return undefined;
  if ('everything' in request)
    return {
      kind: 'nothing',
      reason: 'memories are not deleted all at once on the word of a message',
    };
  if ('topic' in request)
    return {
      kind: 'topic',
      topic: request.topic,
      ...(request.isIdiom && { otherwise: [{ kind: 'nothing', reason: unclear }] }),
    };
  return { kind: 'retraction', fact: toFact(request.fact, context) };
};

/** Facts that a question or a request states on the way. Chats among several people are full of questions. */
const asideFindings = (sentence: string, context: ExtractionContext): Finding[] => {
  if (context.isPeerChat || context.isDocument) return [];
  const amendment = amendmentIn(sentence);
  const asides = amendment === undefined ? asidesIn(sentence) : [amendment];
  return asides.map((aside) => ({ kind: 'fact', text: toFact(aside, context) }));
};

/** Nothing but words in the first person in quotation marks, whose author is not named. */
const wholeQuote = /^"[^"]{0,300}\b(?:I|my|we|our)\b[^"]{0,400}"[.!]?$/i;

const passedOnQuote = (text: string, { speakers }: ExtractionContext): Finding => ({
  kind: 'fact',
  text: `${speakers.speaker} passed on: ${text}`,
  verbatim: true,
});

/** Findings of a request to forget or to remember, or of a standing instruction; undefined for other sentences. */
const requestFindings = (sentence: string, context: ExtractionContext): Finding[] | undefined => {
  if (context.isPeerChat) return undefined;
  const retraction = retractionOf(sentence, context);
  if (retraction) return [retraction];
  const instruction = parseStandingInstruction(sentence, context.tag);
  return instruction && factsOf(instruction.statement, instruction.isRequested, context);
};

/** Findings of "According to Pia, Sven lost his job"; undefined for other sentences. */
const attributedFindings = (
  sentence: string,
  context: ExtractionContext,
): Finding[] | undefined => {
  const attribution = context.passedOn
    ? undefined
    : attributionOf(sentence, context.speakers.speaker);
  if (!attribution) return undefined;
  const { author, statement } = attribution;
  const found = passedOnFindings(statement, { author, isChat: false }, context);
  return found.length > 0 ? found : undefined;
};

const questionAndStatement =
  /^(?:what|how|where|when|who|why|can|could|should|do|does|is|are|any)\b[^,;?]{3,60}[,;] (?!(?:and|or|but|then|please)\b)([^?]{8,})$/i;

/** Facts of a statement that a question leads to without a mark: "what should I do, the rent is due on Friday". */
const behindQuestion = (
  sentence: string,
  antecedent: string | undefined,
  context: ExtractionContext,
): Finding[] => {
  if (context.isPeerChat || context.isDocument) return [];
  const statement = questionAndStatement.exec(sentence)?.[1];
  if (statement === undefined || isAsked(statement)) return [];
  return statementFindings(statement, antecedent, context).filter(
    (finding) => finding.kind === 'fact' && finding.verbatim !== true,
  );
};

const statementFindings = (
  sentence: string,
  antecedent: string | undefined,
  context: ExtractionContext,
): Finding[] => {
  const stated = isReport(sentence) ? sentence : statedPart(sentence);
  if (stated === undefined) {
    if (context.passedOn) return passedOnRequest(sentence, context.passedOn);
    const asides = asideFindings(sentence, context);
    return asides.length > 0 ? asides : behindQuestion(sentence, antecedent, context);
  }
  const statement = withSubject(withAntecedent(stated, antecedent));
  if (!isReport(sentence) && isCommand(statement, context.tag))
    return asideFindings(sentence, context);
  return isRelevant(statement, context)
    ? personalFindings(statement, context)
    : otherFindings(statement, context);
};

const sentenceFindings = (
  sentence: string,
  antecedent: string | undefined,
  context: ExtractionContext,
): Finding[] =>
  wholeQuote.test(sentence)
    ? [passedOnQuote(sentence, context)]
    : (requestFindings(sentence, context) ??
      attributedFindings(sentence, context) ??
      statementFindings(sentence, antecedent, context));

/** Reactions that mention the speaker. */
const notStated =
  /^(?:what|how|why|so|on my way|perfect|great|nice|cool|exactly|that|this|it|thanks?|just what)\b/i;

/** Facts of a statement about the speaker; a statement without a verb that the rules know is one fact, unless it is small talk. */
const personalFindings = (statement: string, context: ExtractionContext): Finding[] => {
  const facts = factsOf(statement, false, context);
  if (facts.length === 0 && context.passedOn && isSpecific(statement))
    return [{ kind: 'fact', text: toFact(statement, context) }];
  if (facts.length > 0 || context.isPeerChat || context.isDocument || isSmallTalk(statement))
    return facts;
  const words = context.tag(statement);
  if (words.length < 3 || !hasNoun(words) || notStated.test(statement)) return [];
  const clauses = clausesOf(statement, context.tag);
  const [clause = statement] = clauses.length === 1 ? clauses : [];
  return [{ kind: 'fact', text: toFact(clause, context) }];
};

const aYear = /\b20\d\d\b/;

/**
 * Facts about others than the speaker; a statement that is no clear fact is kept as said. Chats among several people are left out,
 * since they are full of reactions.
 */
const otherFindings = (statement: string, context: ExtractionContext): Finding[] => {
  if (context.passedOn) return passedOnFindings(statement, context.passedOn, context);
  if (context.isPeerChat || context.isDocument || context.topicFilter) return [];
  const kept = readOther(statement, context.tag(statement));
  if (kept === 'nothing') return [];
  const text = toFact(statement, context);
  const isDated = aYear.test(text) && !aYear.test(statement);
  if (kept === 'fact' || isDated) return [{ kind: 'fact', text, isOther: true }];
  return [{ kind: 'fact', text: statement, verbatim: true }];
};

/** Boundary between a statement and a request: "I am Sam but call me Sammy". */
const beforeRequest = /,? (?:and|but|so),? (?=(?:please|call me|remember that)\b)/i;

/** Sentences about a thing that works again, or no longer, without a subject that the rules know. */
const isOfChange =
  /^(?!(?:ok|okay|thanks?|thank|try|say|tell|do|show|once|never|see|here|me|that|this|it|so|not|no|and|but|here we|there|then|please|sorry|start|run|check|come|go|let|read|write|make|explain)\b)(?!.*\b(?:you|your)\b)(?:[\w'-]+ ){2,8}(?:again|any ?more|any longer|no longer)[.!]*$/i;

/** Courtesies of a mail, whatever name they have. */
const isThanks =
  /^(?:thank(?!sgiving)|thx|cheers|best|kind|regards|dear|hello|hi|hey|love|see you|take care|congrat|happy|hope|looking forward|let me know|sorry)/i;

/** A sentence that states something and gave no finding is kept as it was said. */
const withNothingLost = (
  sentence: string,
  findings: readonly Finding[],
  { isPeerChat, isDocument, topicFilter, passedOn }: ExtractionContext,
): readonly Finding[] => {
  if (findings.length > 0 || isDocument || topicFilter) return findings;
  if (passedOn) return isThanks.test(sentence) ? [] : passedOnRequest(sentence, passedOn);
  return isPeerChat || !(mayState(sentence) || isShortNote(sentence) || isOfChange.test(sentence))
    ? findings
    : [{ kind: 'fact', text: sentence, verbatim: true }];
};

/** Sentences of a text in which one may only replace a value. */
const maxBesideReplacement = 3;

/** Finding of a sentence that takes back what was said about a thing; undefined for other sentences. */
const takenBackFindings = (
  part: string,
  otherwise: readonly Finding[],
  { isPeerChat, isDocument, topicFilter, passedOn }: ExtractionContext,
): Finding[] | undefined => {
  if (isPeerChat || isDocument || topicFilter || passedOn) return undefined;
  const taken = takenBack(part);
  return taken && [{ kind: 'topic', ...taken, otherwise }];
};

/** Finding of a sentence that only puts a value in the place of another one; undefined for other sentences. */
const replacementFindings = (
  part: string,
  otherwise: readonly Finding[],
  {
    isPeerChat,
    isDocument,
    topicFilter,
    passedOn,
    dates,
    observedAt,
    utcOffset,
  }: ExtractionContext,
): Finding[] | undefined => {
  if (isPeerChat || isDocument || topicFilter || passedOn) return undefined;
  const replacement = replacementIn(part);
  if (!replacement) return undefined;
  const dated = dates(`on ${replacement.value}`, observedAt, utcOffset).replace(/^on /, '');
  return [{ kind: 'replacement', replacement: { ...replacement, value: dated }, otherwise }];
};

/** Findings of a sentence, or of its parts between semicolons if it has none as a whole. */
const allFindings = (
  sentence: string,
  antecedent: string | undefined,
  context: ExtractionContext,
): readonly Finding[] => {
  const read = (part: string): readonly Finding[] =>
    withNothingLost(part, sentenceFindings(part, antecedent, context), context);
  const found = read(sentence);
  return found.length > 0 || !sentence.includes('; ') ? found : sentence.split('; ').flatMap(read);
};

/** A question that asks whether the statement in it was made before: "did I mention that I am colour-blind?" */
const mentioned =
  /^((?:did I (?:ever )?(?:mention|say|tell you)|have I (?:mentioned|told you)|(?:can|would) you believe|did you know (?:that )?(?=(?:my|our|I)\b|(?-i:\p{Lu}))\b).{6,300}?)\?+$/iu;

/** Findings of the sentences of a text in English, in their order. */
export const englishFindings = (
  sentences: readonly string[],
  context: ExtractionContext,
): Finding[] => {
  const findings: Finding[] = [];
  const isShort = sentences.length <= maxBesideReplacement;
  const mentions = trackMentions(context);
  for (const raw of sentences) {
    const parts = expandContractions(raw).replace(mentioned, '$1.').split(beforeRequest);
    for (const part of parts) {
      const sentence = mentions.withPerson(stripDiscourseMarkers(part, context.people));
      const found = allFindings(sentence, mentions.antecedent(), context);
      const replaced = isShort
        ? (takenBackFindings(part, found, context) ?? replacementFindings(part, found, context))
        : undefined;
      findings.push(...(replaced ?? found));
      mentions.note(sentence);
    }
  }
  return findings;
};
