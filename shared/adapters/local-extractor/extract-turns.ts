import type { Message } from '../../domain/memory/turn.ts';
import type { DecideRequest, DecideTurn, ProposedChange } from '../../ports/language-model.ts';
import { type DateReader, loadDateReader } from './dates/dates.ts';
import { type ExtractionContext, extractFindings, type Finding } from './facts/extract-findings.ts';
import { createFactSet, type FactSet } from './facts/fact-set.ts';
import { createPeople, type People } from './statements/people.ts';
import { loadTagger, type Tagger } from './text/tagger.ts';
import { topicPattern } from './topic-filter.ts';
import { keptTexts } from './verbatim-text.ts';

/** The libraries that the rules stand on. */
export interface Tools {
  tag: Tagger;
  dates: DateReader;
}

/** Of one turn, what is read; the rest is kept as said. */
const maxMessages = 1_000;
const maxCharacters = 100_000;
/** Facts of one turn: more would not fit the plan that is saved for it. */
const maxChanges = 500;

const maxNameLength = 64;
const noFact = 'no lasting statement found';
const longTurn = 'only the beginning of a very long turn was read, the rest is kept as said';

/** Loads the models, and uses each once: the first use compiles. */
export const loadTools = async (): Promise<Tools> => {
  const [tag, dates] = await Promise.all([loadTagger(), loadDateReader()]);
  dates('I moved on Friday, two weeks ago', 0);
  tag('I live here');
  return { tag, dates };
};

const nameOf = ({ name }: Message): string | undefined => {
  const plain = name
    ?.slice(0, 4 * maxNameLength)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, maxNameLength)
    .trim();
  return plain && !/^(?:user|human|me)$/i.test(plain) ? plain : undefined;
};

/** Whose "I" a message speaks with: a name, else the user; nobody's when it is an assistant, a system or a tool. */
const speakerOf = (message: Message): string | undefined => {
  if (message.role === 'user') return nameOf(message) ?? 'User';
  return message.role === 'assistant' ? nameOf(message) : undefined;
};

const peopleIn = ({ turns }: DecideRequest): People =>
  createPeople([
    ...new Set(
      turns.flatMap(({ messages }) => messages.flatMap((message) => nameOf(message) ?? [])),
    ),
  ]);

/** What a request wants kept, and left out. */
interface Hints {
  wanted: RegExp | undefined;
  excluded: RegExp | undefined;
}

const readingOf = (
  { observedAt }: DecideTurn,
  { role }: Message,
  speaker: string,
  { wanted }: Hints,
  { tag, dates, people, ledger }: Tools & { people: People; ledger: FactSet },
): ExtractionContext => {
  const addressee = people.onlyOtherThan(speaker);
  return {
    tag,
    dates,
    observedAt,
    people,
    isPeerChat: people.count > 1 || role === 'assistant',
    known: ledger.names(),
    topicFilter: wanted,
    speakers: { speaker, ...(addressee !== undefined && { addressee }) },
  };
};

const leftOut: Finding = { kind: 'nothing', reason: 'left out as the request asks' };

/** Learns the turns of one request, one after the other. */
export interface Learner {
  learn(turn: number): void;
  /** Keeps the words of a turn as they are, and says why. */
  keep(turn: number, reason: string): void;
  changes(): ProposedChange[];
}

export const createLearner = (tools: Tools, request: DecideRequest): Learner => {
  const people = peopleIn(request);
  const ledger = createFactSet(request.memories, people);
  const batch = { ...tools, people, ledger };

  const keepFrom = (turn: number, said: DecideTurn, from: number, reason: string): void => {
    const { observedAt } = said;
    for (const { text, message } of keptTexts(said.messages, from))
      ledger.keep(text, { turn, message, observedAt });
    ledger.addFinding({ kind: 'nothing', reason }, { turn, observedAt });
  };

  const learnMessage = (turn: number, said: DecideTurn, at: number, hints: Hints): void => {
    const message = said.messages[at];
    const speaker = message && speakerOf(message);
    if (!message || speaker === undefined) return;
    const { observedAt } = said;
    for (const finding of extractFindings(
      message,
      readingOf(said, message, speaker, hints, batch),
    )) {
      const unwanted = finding.kind === 'fact' && hints.excluded?.test(finding.text);
      ledger.addFinding(unwanted ? leftOut : finding, { turn, message: at, observedAt });
    }
  };

  /** The first message that is one too many to be read. */
  const endOf = ({ messages }: DecideTurn): number => {
    let characters = 0;
    const end = messages.slice(0, maxMessages).findIndex(({ content }, at) => {
      characters += content.length;
      return at > 0 && characters > maxCharacters;
    });
    return end < 0 ? Math.min(messages.length, maxMessages) : end;
  };

  const learnMessages = (turn: number, said: DecideTurn): void => {
    const hints: Hints = {
      wanted: topicPattern(said.options.includes),
      excluded: topicPattern(said.options.excludes),
    };
    const before = ledger.changes.length;
    const end = endOf(said);
    let next = 0;
    for (; next < end && ledger.changes.length - before < maxChanges; next += 1)
      learnMessage(turn, said, next, hints);
    if (next < said.messages.length) keepFrom(turn, said, next, longTurn);
  };

  return {
    learn(turn) {
      const said = request.turns[turn];
      if (!said) return;
      const before = ledger.changes.length;
      learnMessages(turn, said);
      const { observedAt } = said;
      if (ledger.changes.length === before)
        ledger.addFinding({ kind: 'nothing', reason: noFact }, { turn, observedAt });
      if (ledger.longMemories > 0)
        ledger.addFinding(
          { kind: 'nothing', reason: 'a very long memory was not compared with what was said' },
          { turn, observedAt },
        );
    },
    keep(turn, reason) {
      const said = request.turns[turn];
      if (said) keepFrom(turn, said, 0, reason);
    },
    changes: () => [...ledger.changes],
  };
};
