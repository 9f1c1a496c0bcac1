import type { Embedder } from '../../shared/ports/embedder.ts';
import type {
  DecideTurn,
  LanguageModel,
  ProposedChange,
} from '../../shared/ports/language-model.ts';

const dimension = 64;

const bucketOf = (word: string): number => {
  let hash = 7;
  for (const character of word) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % dimension;
};

const vectorOf = (text: string): Float32Array => {
  const vector = new Float32Array(dimension);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [''])
    vector[bucketOf(word)] = 1;
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};

/** Embedder of hashed words: texts that share words have similar vectors. */
export const plainEmbedder: Embedder = {
  model: 'plain-64',
  embed: async (texts) => texts.map(vectorOf),
};

const changesOf = (turn: DecideTurn, index: number): ProposedChange[] =>
  turn.messages
    .filter(({ role }) => role === 'user')
    .map(({ content }) =>
      content.endsWith('?')
        ? { turn: index, type: 'NONE', text: content, reason: 'A question.' }
        : { turn: index, type: 'ADD', text: `Learnt: ${content}` },
    );

/** Language model that adds every user message verbatim, except questions, and answers chats with what it was asked. */
export const plainLanguageModel: LanguageModel = {
  name: 'plain',
  quality: 'basic',
  batch: { turns: 16, characters: 100_000 },
  decide: async ({ turns }) => ({
    ok: true,
    changes: turns.flatMap(changesOf),
    usage: { prompt: 3, completion: 2 },
  }),
  chat: async ({ messages }, _signal, onText) => {
    const text = `You said: ${messages.at(-1)?.content}`;
    onText?.(text);
    return { ok: true, text, usage: { prompt: 3, completion: 2 } };
  },
  probe: async () => ({ ok: true }),
};
