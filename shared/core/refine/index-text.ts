import { analyze } from '../../domain/memory/analyzer.ts';
import type { Turn } from '../../domain/memory/turn.ts';

/** Bounds, in characters, on what a memory borrows from its surroundings. */
const sourceLength = 800;
const previousLength = 400;

/** As much of what was said right before as is borrowed. */
export const contextSnippet = (text: string): string => text.slice(0, previousLength);

/** Of a text that is looked for, and of the messages that hold one of its words: work is bounded. */
const maxWanted = 100;
const maxHolders = 200;

/** Positions of the messages that hold each term, made once it is asked for. */
const holdersIn = ({ messages }: Turn): Map<string, number[]> => {
  const holders = new Map<string, number[]>();
  for (const [index, { content }] of messages.entries())
    for (const term of new Set(analyze(content.slice(0, 4 * sourceLength)))) {
      const held = holders.get(term) ?? [];
      if (held.length === 0) holders.set(term, held);
      if (held.length < maxHolders) held.push(index);
    }
  return holders;
};

/** The first of the messages that hold most words of a text. */
const maxSharing = (holders: ReadonlyMap<string, readonly number[]>, text: string): number => {
  const shared = new Map<number, number>();
  for (const term of [...new Set(analyze(text))].slice(0, maxWanted))
    for (const at of holders.get(term) ?? []) shared.set(at, (shared.get(at) ?? 0) + 1);
  const [first = 0] = [...shared].toSorted((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [];
  return first;
};

/** Finds the message of a turn that a text rests on: the one named, else the first that shares most words with it. */
export const sourcesOf = (turn: Turn): ((named: number | undefined, text: string) => number) => {
  let holders: Map<string, number[]> | undefined;
  return (named, text) => {
    if (named !== undefined && turn.messages[named]) return named;
    if (turn.messages.length === 1) return 0;
    holders ??= holdersIn(turn);
    return maxSharing(holders, text);
  };
};

const days = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** What a memory is found by: the fact, its source, what was said right before, and the day it was said. */
export const indexTextOf = (
  turn: Turn,
  text: string,
  source: number,
  before: string | undefined,
): string => {
  const message = turn.messages[source];
  const sourceText = message ? `${message.name ?? ''} ${message.content}`.trim() : '';
  const previous = source > 0 ? turn.messages[source - 1]?.content : before;
  return [
    text,
    ...(sourceText && sourceText !== text ? [sourceText.slice(0, sourceLength)] : []),
    ...(previous ? [contextSnippet(previous)] : []),
    days.format(turn.observedAt),
  ].join('\n');
};
