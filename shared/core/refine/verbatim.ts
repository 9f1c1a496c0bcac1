import { piecesOf } from '../../domain/memory/text-pieces.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';

/** The texts a turn keeps word for word, each with its message: all that was said, system messages aside. */
export const verbatimTexts = ({
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
    verbatimTexts(turn).flatMap(({ text, ...rest }) =>
      piecesOf(text).map((piece) => ({ turn: index, type: 'ADD' as const, text: piece, ...rest })),
    ),
  );
