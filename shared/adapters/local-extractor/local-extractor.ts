import { setImmediate as nextTick } from 'node:timers/promises';
import type { Message } from '../../domain/turn.ts';
import type { DecideRequest, DecideTurn, LanguageModel } from '../../ports/language-model.ts';
import { type DateReader, loadDateReader } from './dates.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { type Finding, type Reading, readMessage } from './read-message.ts';
import { loadTagger, type Tagger } from './tagger.ts';
import { hintPattern } from './topic-hints.ts';

export interface LocalExtractor extends LanguageModel {
  /** Loads the models ahead of their first use. Never rejects: the next `decide` tries again, and says what is wrong. */
  warm(): Promise<void>;
}

interface Tools {
  tag: Tagger;
  dates: DateReader;
}

/** Other work waits no longer than this for a batch, ms. */
const slice = 8;
const maxNameLength = 64;
const noFact = 'no lasting statement found';

const load = async (): Promise<Tools> => {
  const [tag, dates] = await Promise.all([loadTagger(), loadDateReader()]);
  dates('I moved on Friday, two weeks ago', 0);
  tag('I live here');
  return { tag, dates };
};

const nameOf = ({ name }: Message): string | undefined => {
  const plain = name?.toWellFormed().replace(/\s+/g, ' ').trim().slice(0, maxNameLength).trim();
  return plain && !/^(?:user|human|me)$/i.test(plain) ? plain : undefined;
};

/** Whose "I" a message speaks with: a name, else the user; nobody's when it is an assistant, a system or a tool. */
const speakerOf = (message: Message): string | undefined => {
  if (message.role === 'user') return nameOf(message) ?? 'User';
  return message.role === 'assistant' ? nameOf(message) : undefined;
};

const namesIn = ({ turns }: DecideRequest): string[] => [
  ...new Set(turns.flatMap(({ messages }) => messages.flatMap((message) => nameOf(message) ?? []))),
];

interface Batch extends Tools {
  /** Everybody who speaks by name in the request. */
  names: readonly string[];
  ledger: Ledger;
}

const readingOf = (
  { observedAt, options }: DecideTurn,
  { role }: Message,
  speaker: string,
  { tag, dates, names, ledger }: Batch,
): Reading => {
  const others = names.filter((name) => name !== speaker);
  const addressee = others.length === 1 ? others[0] : undefined;
  return {
    tag,
    dates,
    observedAt,
    names,
    peers: names.length > 1 || role === 'assistant',
    known: ledger.names(),
    wanted: hintPattern(options.includes),
    speakers: { speaker, ...(addressee !== undefined && { addressee }) },
  };
};

const leftOut: Finding = { kind: 'nothing', reason: 'left out as the request asks' };

const learnTurn = (said: DecideTurn, turn: number, batch: Batch): void => {
  const excluded = hintPattern(said.options.excludes);
  const { observedAt } = said;
  for (const [message, words] of said.messages.entries()) {
    const speaker = speakerOf(words);
    const findings =
      speaker === undefined ? [] : readMessage(words, readingOf(said, words, speaker, batch));
    for (const finding of findings) {
      const unwanted = finding.kind === 'fact' && excluded?.test(finding.text);
      batch.ledger.note(unwanted ? leftOut : finding, { turn, message, observedAt });
    }
  }
  if (batch.ledger.changes.at(-1)?.turn !== turn)
    batch.ledger.note({ kind: 'nothing', reason: noFact }, { turn, observedAt });
};

/**
 * Learns from plain English statements by rules, with no key and no network: the same request always has the same answer.
 * A long batch lets other work run between its turns. Other languages are kept as quotes.
 *
 * @throws the signal's reason when it aborts
 */
export const createLocalExtractor = (): LocalExtractor => {
  let tools: Promise<Tools> | undefined;
  const ready = (): Promise<Tools> => {
    tools ??= load().catch((error: unknown) => {
      tools = undefined;
      throw error;
    });
    return tools;
  };

  return {
    name: 'basic-rules',
    quality: 'basic',
    batch: { turns: 64, characters: 1_000_000 },
    async warm() {
      await ready().catch(() => undefined);
    },
    probe: async () => ({ ok: true }),
    async decide(request, signal) {
      signal.throwIfAborted();
      const loaded = await ready();
      const names = namesIn(request);
      const ledger = createLedger(request.memories, names);
      let since = performance.now();
      for (const [turn, turnSaid] of request.turns.entries()) {
        learnTurn(turnSaid, turn, { ...loaded, names, ledger });
        if (performance.now() - since < slice) continue;
        await nextTick();
        signal.throwIfAborted();
        since = performance.now();
      }
      signal.throwIfAborted();
      return { ok: true, changes: [...ledger.changes], usage: { prompt: 0, completion: 0 } };
    },
  };
};
