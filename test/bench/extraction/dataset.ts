import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Patterns of text (patterns.ts), each with its alternatives after `|`. */
const Patterns = z.array(z.string().min(1));

/** A fact as one memory must say it. */
const Fact = z.strictObject({
  all: Patterns.min(1),
  none: Patterns.default([]),
  /** ISO days, months or years, or patterns of the words expected. All of them belong to the memory. */
  dates: Patterns.default([]),
  /** A habit, which no memory may turn into one day. */
  recurring: z.literal(true).optional(),
});

/** An outdated fact, which no current memory may say. Without `none`, the words of `pastWords` (score.ts) allow a memory to name it. */
const Gone = z.strictObject({ all: Patterns.min(1), none: Patterns.optional() });

/** A text alone is a message of the user. */
const Said = z.preprocess(
  (said) => (typeof said === 'string' ? { content: said } : said),
  z.strictObject({
    role: z.enum(['user', 'assistant']).default('user'),
    name: z.string().optional(),
    content: z.string(),
    /** Characters of the file's prose in front of the content. */
    behind: z.number().int().positive().optional(),
  }),
);

/** One message, or several. */
const Turn = z.preprocess((said) => (Array.isArray(said) ? said : [said]), z.array(Said).min(1));

const Kind = z.enum([
  'facts',
  'changes',
  'retractions',
  'small talk',
  'questions',
  'instructions',
  'dates',
  'others',
  'notes',
  'answers',
  'relatives',
  'languages',
  'long',
  'credentials',
]);

const Saved = z.strictObject({
  notice: z.string(),
  prose: z.array(z.string()).min(1),
  cases: z.array(
    z.strictObject({
      id: z.string(),
      kind: Kind,
      /** ISO 8601 time of each turn. The offset is that of the user. */
      at: z.array(z.iso.datetime({ offset: true, local: true })).optional(),
      /** IANA zone, for times without an offset. */
      zone: z.string().optional(),
      turns: z.array(Turn).min(1),
      facts: z.array(Fact).default([]),
      /** Facts that a memory may say, and need not. */
      may: z.array(Fact).default([]),
      gone: z.array(Gone).default([]),
      /** Facts of earlier turns that the last one leaves as they are. Nothing else of such a case counts. */
      stays: z.array(Fact).default([]),
      /** Secrets, which no memory may have. */
      secrets: Patterns.default([]),
      nothing: z.literal(true).optional(),
    }),
  ),
});

export type Kind = z.output<typeof Kind>;
export type Fact = z.output<typeof Fact>;
export type Gone = z.output<typeof Gone>;
/**
 * Rules are fitted to `training` and `everyday`. `fresh` was written after the rules; `colloquial` and
 * `passed-on` have more of the kinds that they read worst, `second`, `third` to `eighth` were written after the rules for these. `beside`
 * has pairs of alike statements of which none replaces the other.
 */
export type Part =
  | 'training'
  | 'everyday'
  | 'fresh'
  | 'colloquial'
  | 'passed-on'
  | 'second'
  | 'third'
  | 'fourth'
  | 'fifth'
  | 'sixth'
  | 'seventh'
  | 'eighth'
  | 'beside'
  | 'held-out';

export interface Message {
  role: string;
  content: string;
  name?: string | undefined;
}

export interface Case extends Omit<z.output<typeof Saved>['cases'][number], 'at' | 'turns'> {
  turns: { at: string; messages: Message[] }[];
}

/** Times of turns that do not name theirs. */
const usualTimes = ['2026-09-14T10:00:00Z', '2026-10-05T10:00:00Z', '2026-10-26T10:00:00Z'];

/** Repeats the sentences up to so many characters. */
const proseOf = (sentences: readonly string[], characters: number): string => {
  let text = '';
  for (let i = 0; text.length < characters; i++) text += `${sentences[i % sentences.length]} `;
  return text;
};

const messageOf = (said: z.output<typeof Said>, prose: readonly string[]): Message => {
  const { behind, content, ...others } = said;
  return { ...others, content: behind ? proseOf(prose, behind) + content : content };
};

/**
 * Reads the cases of one part. Rules are fitted to `training` and `everyday` only; `held-out` is measured, never read by a person
 * who writes rules.
 */
export const readCases = (part: Part): Case[] => {
  const file = new URL(`${part}.json`, import.meta.url);
  const { prose, cases } = Saved.parse(JSON.parse(readFileSync(file, 'utf8')));
  return cases.map(({ at = usualTimes, turns, ...others }) => ({
    ...others,
    turns: turns.map((messages, turn) => ({
      at: at[turn] ?? '',
      messages: messages.map((said) => messageOf(said, prose)),
    })),
  }));
};
