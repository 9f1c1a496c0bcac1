import { analyze } from '../../domain/memory/analyzer.ts';
import { maxPiece, piecesOf } from '../../domain/memory/text-pieces.ts';
import { type Message, roughText } from '../../domain/memory/turn.ts';

interface VerbatimText {
  text: string;
  /** Position of the first message that the text quotes. */
  message: number;
}

/**
 * Messages from position `from` on as verbatim texts, as few as the length limit allows. Each line names its speaker,
 * unless the turn has one message only. System messages are left out.
 */
export const verbatimTexts = (messages: readonly Message[], from: number): VerbatimText[] => {
  const spoken = [...messages.entries()].filter(
    ([at, { role, content }]) => at >= from && role !== 'system' && content.trim() !== '',
  );
  const blocks: { lines: string[]; length: number; message: number }[] = [];
  for (const [message, { role, name, content }] of spoken) {
    const line =
      messages.length === 1
        ? content
        : roughText({ messages: [{ role, content, ...(name !== undefined && { name }) }] });
    const last = blocks.at(-1);
    if (last && last.length + line.length < maxPiece) {
      last.lines.push(line);
      last.length += line.length + 1;
    } else blocks.push({ lines: [line], length: line.length, message });
  }
  return blocks.flatMap(({ lines, message }) =>
    piecesOf(lines.join('\n')).map((text) => ({ text, message })),
  );
};

/** Whether every word of a text that a search would find is in one of the statements. */
export const saysAll = (statements: readonly string[], text: string): boolean => {
  const stated = new Set(statements.flatMap((statement) => analyze(statement)));
  return statements.length > 0 && analyze(text).every((term) => stated.has(term));
};
