import { analyze } from '../../domain/memory/analyzer.ts';
import type { Turn } from '../../domain/memory/turn.ts';

/** Characters of a message that are compared with a text. */
const maxSourceChars = 3_200;
/** Bounds on the search for a source: terms of the text, and messages per term. */
const maxTerms = 100;
const maxMessagesPerTerm = 200;

/** Positions of the messages that contain each term: a small inverted index of one turn. */
const messagesByTerm = ({ messages }: Turn): Map<string, number[]> => {
  const byTerm = new Map<string, number[]>();
  for (const [index, { content }] of messages.entries())
    for (const term of new Set(analyze(content.slice(0, maxSourceChars)))) {
      const positions = byTerm.get(term) ?? [];
      if (positions.length === 0) byTerm.set(term, positions);
      if (positions.length < maxMessagesPerTerm) positions.push(index);
    }
  return byTerm;
};

/** The message that shares most terms with a text, the first of equals; 0 when none shares any. */
const closestMessage = (byTerm: ReadonlyMap<string, readonly number[]>, text: string): number => {
  const shared = new Map<number, number>();
  for (const term of [...new Set(analyze(text))].slice(0, maxTerms))
    for (const index of byTerm.get(term) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
  const [first = 0] = [...shared].toSorted((a, b) => b[1] - a[1] || a[0] - b[0])[0] ?? [];
  return first;
};

/**
 * Returns a function that finds the message a text was drawn from: the one the model named, else the most similar. The
 * index behind it is built once, on the first search.
 */
export const createSourceFinder = (
  turn: Turn,
): ((named: number | undefined, text: string) => number) => {
  let byTerm: Map<string, number[]> | undefined;
  return (named, text) => {
    if (named !== undefined && turn.messages[named]) return named;
    if (turn.messages.length === 1) return 0;
    byTerm ??= messagesByTerm(turn);
    return closestMessage(byTerm, text);
  };
};
