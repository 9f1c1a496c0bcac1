import { maxPiece, piecesOf } from '../../domain/memory/text-pieces.ts';
import { type Message, roughText } from '../../domain/memory/turn.ts';

/** Words that are kept as they were said, and the message they begin with. */
export interface KeptText {
  text: string;
  message: number;
}

/**
 * What messages say, word for word, in as few memories as it fits; each line tells who speaks, unless there is one message
 * alone. System messages are no talk.
 */
export const keptTexts = (messages: readonly Message[], from = 0): KeptText[] => {
  const spoken = [...messages.entries()].filter(
    ([at, { role, content }]) => at >= from && role !== 'system' && content.trim() !== '',
  );
  const kept: { lines: string[]; length: number; message: number }[] = [];
  for (const [message, said] of spoken) {
    const { role, name, content } = said;
    const line =
      messages.length === 1
        ? content
        : roughText({ messages: [{ role, content, ...(name !== undefined && { name }) }] });
    const last = kept.at(-1);
    if (last && last.length + line.length < maxPiece) {
      last.lines.push(line);
      last.length += line.length + 1;
    } else kept.push({ lines: [line], length: line.length, message });
  }
  return kept.flatMap(({ lines, message }) =>
    piecesOf(lines.join('\n')).map((text) => ({ text, message })),
  );
};
