import { type ScoredMemory, statedAt } from '../../domain/memory/memory.ts';

/** Context for an agent: memories as a text within a budget of tokens. */
export interface ContextBlock {
  text: string;
  /** Estimated tokens of the text. */
  tokens: number;
  /** Memories that the text has, best first. */
  memories: ScoredMemory[];
  /** Whether a memory was left out because the budget was used up. */
  isTruncated: boolean;
}

const bytesPerToken = 4;

/** Estimates the tokens of a text in any language: a token of usual models has about 4 bytes of UTF-8. */
export const estimateTokens = (text: string): number =>
  Math.ceil(Buffer.byteLength(text) / bytesPerToken);

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** A text in one line, so that no memory can add a heading or a line of its own. */
const inOneLine = (text: string): string => text.replace(/\s+/gu, ' ').trim();

const headingOf = (memory: ScoredMemory): string => `## ${dayOf(statedAt(memory))}`;

const speakerOf = ({ attributedTo, message }: ScoredMemory): string =>
  message?.name ? inOneLine(message.name) : attributedTo;

const untilOf = ({ validUntil }: ScoredMemory): string =>
  validUntil === undefined ? '' : `, true until ${dayOf(validUntil)}`;

const lineOf = (memory: ScoredMemory): string =>
  `- ${inOneLine(memory.text)} (${speakerOf(memory)}${untilOf(memory)})`;

const bytesOf = (line: string): number => Buffer.byteLength(line) + 1;

/** A line, if it takes at most so many bytes. A longer text is not looked at: texts may have 50,000 characters. */
const within = (text: string, bytes: number, render: () => string): string | undefined => {
  if (text.length > bytes) return undefined;
  const line = render();
  return bytesOf(line) <= bytes ? line : undefined;
};

const lineWithin = (memory: ScoredMemory, bytes: number): string | undefined =>
  within(memory.text, bytes, () => lineOf(memory));

const sourceWithin = ({ source }: ScoredMemory, bytes: number): string | undefined =>
  source && within(source.text, bytes, () => `  said: ${inOneLine(source.text)}`);

/** Lines of one memory. */
interface Entry {
  memory: ScoredMemory;
  lines: string[];
}

/** Renders the entries by day, oldest first, as a conversation reads. */
const render = (entries: readonly Entry[]): string =>
  [...Map.groupBy(entries, ({ memory }) => headingOf(memory))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([heading, ofDay]) => [
      heading,
      ...ofDay
        .toSorted((a, b) => statedAt(a.memory) - statedAt(b.memory))
        .flatMap(({ lines }) => lines),
    ])
    .join('\n');

/**
 * Builds a text of memories, each with its day and its speaker, that takes at most `budget` tokens, headings included. Memories are
 * taken best first, one that does not fit is left out; then the messages that they were drawn from, as far as these fit.
 */
export const contextBlock = (found: readonly ScoredMemory[], budget: number): ContextBlock => {
  const entries: Entry[] = [];
  const headings = new Set<string>();
  let left = budget * bytesPerToken;
  let isTruncated = false;

  for (const memory of found) {
    const heading = headingOf(memory);
    const free = left - (headings.has(heading) ? 0 : bytesOf(heading));
    const line = lineWithin(memory, free);
    if (line === undefined) {
      isTruncated = true;
      continue;
    }
    left = free - bytesOf(line);
    headings.add(heading);
    entries.push({ memory, lines: [line] });
  }
  for (const { memory, lines } of entries) {
    const source = sourceWithin(memory, left);
    if (source === undefined) continue;
    left -= bytesOf(source);
    lines.push(source);
  }

  const text = render(entries);
  return {
    text,
    tokens: estimateTokens(text),
    memories: entries.map(({ memory }) => memory),
    isTruncated,
  };
};
