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

/** What our own prompt holds: how many turns, what users say in them, which memories are listed. */
const readPrompt = (prompt: string) => {
  const said: Line[] = [];
  const memories: string[] = [];
  let turns = 0;
  for (const line of prompt.split('\n')) {
    if (turnLine.test(line)) turns += 1;
    const user = userLine.exec(line);
    if (user) said.push({ turn: turns, message: Number(user[1]), text: unquote(user[3]) });
    const memory = memoryLine.exec(line);
    if (memory) memories.push(unquote(memory[2]));
  }
  return { turns, said, memories };
};

const nameOf = (memory: number): string | null => (memory < 0 ? null : `M${memory + 1}`);

/** Where what is said takes the place of what is known; -1 where it does not. */
const outdatedBy = (sentence: string, memories: readonly string[]): number =>
  /^I moved to /.test(sentence) ? memories.findIndex((memory) => /^I live in /.test(memory)) : -1;

const sentencesOf = (text: string): string[] =>
  text.split(/(?<=[.!?。！？])\s+|\n+/).flatMap((sentence) => sentence.trim() || []);

const none = { op: 'NONE', target: null, text: null, message: null, reason: null };

/** What a sentence changes, given what is listed. */
const changeBy = (sentence: string, memories: readonly string[]) => {
  const outdated = outdatedBy(sentence, memories);
  const op = outdated < 0 ? 'ADD' : 'UPDATE';
  return { ...none, op, target: nameOf(outdated), text: sentence };
};

/**
 * A stand-in for a language model, deterministic and without wit: every sentence of a user message that is no question
 * is a fact, word for word. NONE when that very text is a listed memory or came before; NONE for a turn without facts.
 * Who moved no longer lives where they lived.
 */
export const answerFacts = ({ messages }: ChatRequest): ChatReply => {
  const { turns, said, memories } = readPrompt(messages.map(({ content }) => content).join('\n'));
  const known = new Set(memories);
  const changes: { [key: string]: unknown }[] = [];
  for (const { turn, message, text } of said) {
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
