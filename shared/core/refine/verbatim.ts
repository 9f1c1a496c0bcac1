import { piecesOf } from '../../domain/memory/text-pieces.ts';
import { type Turn, verbatimTexts } from '../../domain/memory/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';

/** Turns that want no inference need no model: each text, or each piece of a long one, is a memory. */
export const verbatim = (turns: readonly Turn[]): ProposedChange[] =>
  turns.flatMap((turn, index) =>
    verbatimTexts(turn).flatMap(({ text, ...rest }) =>
      piecesOf(text).map((piece) => ({ turn: index, type: 'ADD' as const, text: piece, ...rest })),
    ),
  );
