import type { ChatReply, ChatRequest } from './openai-wire.ts';

interface Line {
  turn: number;
  message: number;
  text: string;
}

const quotation = String.raw`("(?:[^"\\]|\\.)*")`;
const turnLine = /^<turn (\d+),/;
const userLine = new RegExp(`^(\\d+) user(?: ${quotation})?(?: \\(.*?\\))?: ${quotation}$`);
const memoryLine = new RegExp(`^M(\\d+) \\S+ ${quotation}$`);

const unquote = (quoted: string | undefined): string => String(JSON.parse(quoted ?? '""'));

/** Parses the prompt of the adapter: number of turns, lines of users, and listed memories. */
const readPrompt = (prompt: string) => {
  const lines: Line[] = [];
  const memories: string[] = [];
  let turns = 0;
  for (const line of prompt.split('\n')) {
    if (turnLine.test(line)) turns += 1;
    const user = userLine.exec(line);
    if (user) lines.push({ turn: turns, message: Number(user[1]), text: unquote(user[3]) });
    const memory = memoryLine.exec(line);
    if (memory) memories.push(unquote(memory[2]));
  }
  return { turns, lines, memories };
};

const nameOf = (memory: number): string | null => (memory < 0 ? null : `M${memory + 1}`);

/** Position of the memory that a sentence replaces; -1 for none. */
const outdatedBy = (sentence: string, memories: readonly string[]): number =>
  /^I moved to /.test(sentence) ? memories.findIndex((memory) => /^I live in /.test(memory)) : -1;

const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?。！？])\s+|\n+/).flatMap((sentence) => sentence.trim() || []);

const none = { op: 'NONE', target: null, text: null, message: null, reason: null };

/** Change for a sentence, given the listed memories. */
const changeBy = (sentence: string, memories: readonly string[]) => {
  const outdated = outdatedBy(sentence, memories);
  const op = outdated < 0 ? 'ADD' : 'UPDATE';
  return { ...none, op, target: nameOf(outdated), text: sentence };
};

/**
 * Deterministic fake of a language model: every sentence of a user message except questions is a fact, verbatim. NONE for
 * the exact text of a listed memory or of an earlier fact, and for a turn without facts. "I moved to ..." updates a memory
 * "I live in ...".
 */
export const answerFacts = ({ messages }: ChatRequest): ChatReply => {
  const { turns, lines, memories } = readPrompt(messages.map(({ content }) => content).join('\n'));
  const known = new Set(memories);
  const changes: { [key: string]: unknown }[] = [];
  for (const { turn, message, text } of lines) {
    for (const sentence of sentencesOf(text).filter((line) => !/[?？]$/.test(line))) {
      const memory = nameOf(memories.indexOf(sentence));
      const change = known.has(sentence)
        ? { ...none, target: memory, reason: 'Already known.' }
        : changeBy(sentence, memories);
      changes.push({ ...change, turn, message });
      known.add(sentence);
    }
  }
  for (let turn = 1; turn <= turns; turn++) {
    if (changes.some((change) => change['turn'] === turn)) continue;
    changes.push({ ...none, turn, reason: 'No fact in it.' });
  }
  return { content: JSON.stringify({ changes }) };
};
