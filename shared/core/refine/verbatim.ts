import type { Turn } from '../../domain/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';

/** Characters of one memory: what an embedder sees whole, and far from what an item holds. */
const maxLength = 6_000;
/** A piece ends at a break in this last part of it, if there is one. */
const breakWithin = 1_500;

/** Where to end a piece: after a paragraph, a sentence or a word; else anywhere but inside a character. */
const endOf = (text: string): number => {
  const tail = text.slice(maxLength - breakWithin, maxLength);
  for (const end of [/\n\s*\n/g, /[.!?。！？]\s|\n/g, /\s/g]) {
    const last = [...tail.matchAll(end)].at(-1);
    if (last) return maxLength - breakWithin + last.index + last[0].length;
  }
  return /[\uD800-\uDBFF]$/.test(tail) ? maxLength - 1 : maxLength;
};

/** A text as the pieces it is kept in; together they are the text. */
export const piecesOf = (text: string): string[] => {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > maxLength) {
    const end = endOf(rest);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== '');
};

/** The texts a turn keeps word for word, each with its message: all that was said, system messages aside. */
export const keptTexts = ({
  messages,
  options,
}: Pick<Turn, 'messages' | 'options'>): { text: string; message?: number }[] => {
  if (options.verbatim) return options.verbatim.map((text) => ({ text }));
  return messages.flatMap(({ role, content }, message) =>
    role === 'system' || content.trim() === '' ? [] : [{ text: content, message }],
  );
};

/** Turns that want no inference need no model: each text, or each piece of a long one, is a memory. */
export const verbatim = (turns: readonly Turn[]): ProposedChange[] =>
  turns.flatMap((turn, index) =>
    keptTexts(turn).flatMap(({ text, ...rest }) =>
      piecesOf(text).map((piece) => ({ turn: index, type: 'ADD' as const, text: piece, ...rest })),
    ),
  );
