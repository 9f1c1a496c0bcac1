import { categorizerFor } from '../../domain/categories/assign-categories.ts';
import { type Message, saidAtOf } from '../../domain/memory/turn.ts';
import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';
import { type DateReader, loadDateReader } from './dates/dates.ts';
import { describeFact } from './facts/describe-fact.ts';
import { extractAssistantFindings, extractFindings } from './facts/extract-findings.ts';
import { createFactSet } from './facts/fact-set.ts';
import type { FactSet, Origin } from './facts/fact-set-types.ts';
import { type ExtractionContext, type Finding, toFact } from './facts/finding.ts';
import { choiceAmongOffered } from './facts/offered-choice.ts';
import { saysAll, verbatimTexts } from './kept-texts.ts';
import { readForeignText } from './languages/foreign-statements.ts';
import { answerTo } from './statements/answers.ts';
import { assistantSpeaker, type People, peopleIn, speakerOf } from './statements/people.ts';
import { forgetTexts } from './text/by-text.ts';
import { loadTagger, type Tagger } from './text/tagger.ts';
import { readTopics, type Topics } from './topics.ts';

/** Loaded third-party libraries that the rules use. */
export interface Libraries {
  tag: Tagger;
  dates: DateReader;
}

/** Bounds on the part of a turn that the rules read; the rest is stored verbatim. */
const maxMessages = 1_000;
const maxCharacters = 100_000;
/** Facts of one turn: more would not fit the plan that is saved for the turn. */
const maxChanges = 500;

const noFact = 'no lasting statement found';
const unfollowed = 'custom instructions were not followed, since they need a language model';
const longTurn = 'only the beginning of a very long turn was read, the rest is stored verbatim';

/** Loads the libraries and uses each once, because the first use compiles. */
export const loadLibraries = async (): Promise<Libraries> => {
  const [tag, dates] = await Promise.all([loadTagger(), loadDateReader()]);
  dates('I moved on Friday, two weeks ago', 0);
  tag('I live here');
  readForeignText('Ich wohne hier. Vivo aquí. 我住在这里。', 'User');
  return { tag, dates };
};

/** Topics that a request includes and excludes. */
interface TurnTopics {
  includes: Topics | undefined;
  excludes: Topics | undefined;
}

/** Number of messages of a turn that the rules read. */
const readableMessages = ({ messages }: DecideTurn): number => {
  let characters = 0;
  const end = messages.slice(0, maxMessages).findIndex(({ content }, at) => {
    characters += content.length;
    return at > 0 && characters > maxCharacters;
  });
  return end < 0 ? Math.min(messages.length, maxMessages) : end;
};

const contextOf = (
  turn: DecideTurn,
  message: Message,
  speaker: string,
  { includes }: TurnTopics,
  { tag, dates, people, facts }: Libraries & { people: People; facts: FactSet },
): ExtractionContext => {
  const { document, options } = turn;
  const addressee =
    people.onlyOtherThan(speaker) ?? (speaker === assistantSpeaker ? 'User' : undefined);
  return {
    tag,
    dates,
    observedAt: saidAtOf(turn, message),
    utcOffset: options.utcOffset ?? 0,
    people,
    isDocument: document !== undefined,
    isPeerChat: people.count > 1 || message.role === 'assistant',
    known: facts.names(),
    lastMentioned: facts.lastMentioned(),
    topicFilter: includes,
    speakers: { speaker, ...(addressee !== undefined && { addressee }) },
  };
};

const excluded: Finding = { kind: 'nothing', reason: 'left out as the request asks' };

/** Adds the categories of a new text, out of those that its turn offers. */
const withCategories = (change: ProposedChange, turns: DecideRequest['turns']): ProposedChange => {
  const offered = turns[change.turn]?.options.categories;
  if (change.text === undefined || !offered?.length) return change;
  const categories = categorizerFor(offered)(change.text);
  return categories.length > 0 ? { ...change, categories } : change;
};

/** A text that is kept as said, without the rows that a filter matches; none if nothing is left. */
const otherRows = (finding: Finding, filter: Topics): Finding[] => {
  const isAsSaid = finding.kind === 'unread' || (finding.kind === 'fact' && finding.verbatim);
  if (!isAsSaid) return [];
  const rows = finding.text.split('\n').filter((row) => !filter.test(row));
  return rows.length > 0 ? [{ ...finding, text: rows.join('\n') }] : [];
};

/** Extracts the turns of one request, one after the other. */
export interface TurnExtractor {
  extract(turn: number): void;
  /** Stores the messages of a turn verbatim, and gives the reason. */
  keepVerbatim(turn: number, reason: string): void;
  changes(): ProposedChange[];
}

/** Parses the memories of a request. The turns are extracted later, call by call, in order of their positions. */
export const createTurnExtractor = (
  libraries: Libraries,
  request: DecideRequest,
): TurnExtractor => {
  forgetTexts();
  const people = peopleIn(request.turns);
  const facts = createFactSet(request.memories, people);
  const shared = { ...libraries, people, facts };
  /** Reasonings of implicit preferences, by text. */
  const implied = new Map<string, string>();

  const originOf = (turn: number, input: DecideTurn, message: number): Origin => ({
    turn,
    message,
    observedAt: saidAtOf(input, input.messages[message]),
  });

  const keepFrom = (
    turn: number,
    input: DecideTurn,
    from: number,
    reason: string,
    excludes?: Topics,
  ): void => {
    const { observedAt } = input;
    for (const { text, message } of verbatimTexts(input.messages, from)) {
      const rows = text.split('\n').filter((row) => !excludes?.test(row));
      if (rows.length > 0) facts.keepVerbatim(rows.join('\n'), originOf(turn, input, message));
      if (rows.join('\n') !== text) facts.addFinding(excluded, { turn, observedAt });
    }
    facts.addFinding({ kind: 'nothing', reason }, { turn, observedAt });
  };

  /** Statements of the turn that is extracted. */
  let statements: string[] = [];

  const addSimple = (finding: Finding, origin: Origin, { excludes }: TurnTopics): void => {
    const text = 'text' in finding ? finding.text : '';
    if (finding.kind === 'fact') statements.push(text);
    if (excludes?.test(text)) {
      facts.addFinding(excluded, origin);
      for (const rest of otherRows(finding, excludes)) facts.addFinding(rest, origin);
    } else facts.addFinding(finding, origin);
  };

  /** Whether a finding replaced the value of a known fact, or took a known fact back. */
  const isApplied = (finding: Finding, origin: Origin): boolean => {
    if (finding.kind === 'replacement') return facts.replaceValue(finding.replacement, origin);
    return finding.kind === 'topic' && finding.otherwise !== undefined
      ? facts.revert(finding, origin)
      : false;
  };

  const addFinding = (finding: Finding, origin: Origin, topics: TurnTopics): void => {
    if (isApplied(finding, origin)) return;
    const otherwise = 'otherwise' in finding ? finding.otherwise : undefined;
    if (otherwise === undefined) addSimple(finding, origin, topics);
    for (const one of otherwise ?? []) addFinding(one, origin, topics);
  };

  const extractMessage = (
    turn: number,
    input: DecideTurn,
    at: number,
    topics: TurnTopics,
  ): void => {
    const message = input.messages[at];
    const speaker = message && speakerOf(message);
    if (!message || speaker === undefined) return;
    const context = contextOf(input, message, speaker, topics, shared);
    const extract = speaker === assistantSpeaker ? extractAssistantFindings : extractFindings;
    for (const finding of extract(message, context))
      addFinding(finding, originOf(turn, input, at), topics);
  };

  /** Adds what a short answer to a question of the assistant says. Returns whether there was one. */
  const extractAnswer = (
    turn: number,
    input: DecideTurn,
    at: number,
    topics: TurnTopics,
  ): boolean => {
    const [question, message] = [input.messages[at - 1], input.messages[at]];
    const speaker = message && speakerOf(message);
    const answer = question && message && answerTo(question, message);
    if (!message || speaker === undefined || !answer) return false;
    const context = contextOf(input, message, speaker, topics, shared);
    const text = answer.verbatim ? answer.text : toFact(answer.text, context);
    const isExcluded = topics.excludes?.test(text);
    const finding: Finding = { kind: 'fact', ...answer, text };
    facts.addFinding(isExcluded ? excluded : finding, originOf(turn, input, at));
    return true;
  };

  /** Adds the preference that a choice among offered options shows. */
  const extractChoice = (turn: number, input: DecideTurn, at: number, topics: TurnTopics): void => {
    const [offer, message] = [input.messages[at - 1], input.messages[at]];
    const speaker = message && speakerOf(message);
    if (!offer || !message || speaker === undefined) return;
    const choice = choiceAmongOffered(offer, message, speaker);
    if (!choice || topics.excludes?.test(choice.text)) return;
    implied.set(choice.text, choice.reasoning);
    facts.addFinding({ kind: 'fact', text: choice.text }, originOf(turn, input, at));
  };

  /** Adds title, tags and kind to the change of a text. */
  const withDescription = (change: ProposedChange): ProposedChange => {
    const { text, turn, message } = change;
    if (text === undefined || change.type === 'NONE') return change;
    const reasoning = implied.get(text);
    const said = request.turns[turn]?.messages[message ?? -1]?.content ?? '';
    const described = describeFact(text, said, libraries.tag);
    const tags = [...(change.categories ?? []), ...(described.tags ?? [])];
    const description = { ...described, ...(tags.length > 0 && { tags }) };
    return reasoning === undefined
      ? { ...change, ...description }
      : { ...change, ...description, kind: 'preference', preferenceType: 'implicit', reasoning };
  };

  const topicsOf = ({ options: { includes, excludes, categories } }: DecideTurn): TurnTopics => ({
    includes: readTopics(includes, categories),
    excludes: readTopics(excludes, categories),
  });

  /** Keeps a piece of a document, unless its statements say all of it, or the request leaves its topic out. */
  const keepPiece = (turn: number, input: DecideTurn, title: string): void => {
    const { messages, observedAt } = input;
    const { includes, excludes } = topicsOf(input);
    const text = messages.map(({ content }) => content).join('\n');
    if (saysAll(statements, text)) return;
    const isExcluded = excludes?.test(text) || includes?.test(text) === false;
    if (isExcluded) facts.addFinding(excluded, { turn, observedAt });
    else facts.keepVerbatim(`${title}\n${text}`, { turn, message: 0, observedAt });
  };

  const extractMessages = (turn: number, input: DecideTurn): void => {
    const topics = topicsOf(input);
    const before = facts.changes.length;
    const end = readableMessages(input);
    let next = 0;
    for (; next < end && facts.changes.length - before < maxChanges; next += 1) {
      if (extractAnswer(turn, input, next, topics)) continue;
      extractMessage(turn, input, next, topics);
      extractChoice(turn, input, next, topics);
    }
    if (next < input.messages.length) keepFrom(turn, input, next, longTurn, topics.excludes);
  };

  return {
    extract(turn) {
      const input = request.turns[turn];
      if (!input) return;
      const before = facts.changes.length;
      statements = [];
      extractMessages(turn, input);
      const { observedAt, document } = input;
      if (document !== undefined) keepPiece(turn, input, document);
      if (facts.changes.length === before)
        facts.addFinding({ kind: 'nothing', reason: noFact }, { turn, observedAt });
      const { instructions, agentInstructions } = input.options;
      if (instructions !== undefined || agentInstructions !== undefined)
        facts.addFinding({ kind: 'nothing', reason: unfollowed }, { turn, observedAt });
      if (facts.longMemories > 0)
        facts.addFinding(
          { kind: 'nothing', reason: 'a very long memory was not compared' },
          { turn, observedAt },
        );
    },
    keepVerbatim(turn, reason) {
      const input = request.turns[turn];
      if (!input) return;
      const { observedAt, document } = input;
      if (document === undefined) return keepFrom(turn, input, 0, reason);
      statements = [];
      keepPiece(turn, input, document);
      facts.addFinding({ kind: 'nothing', reason }, { turn, observedAt });
    },
    changes: () =>
      facts.changes.map((change) => withDescription(withCategories(change, request.turns))),
  };
};
