import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Line = z.object({
  dia_id: z.string(),
  speaker: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
/** Facts with the utterances that state them, by speaker. */
const Observed = z.record(
  z.string(),
  z.array(z.tuple([z.string(), z.union([z.string(), z.array(z.string())])])),
);
const Item = z.object({
  sample_id: z.string(),
  observation: z.record(z.string(), Observed).default({}),
  conversation: z.record(z.string(), z.union([z.array(Line), z.string(), z.null()])),
  qa: z.array(
    z.object({ question: z.string(), evidence: z.array(z.string()), category: z.number() }),
  ),
});

export interface Utterance {
  /** Speaker and words, with the caption of a shared picture in brackets. */
  text: string;
  speaker: string;
  /** Words of the speaker, with the caption in brackets. */
  words: string;
  /** Name of the session. */
  session: string;
  observedAt: number;
  /** The message before, if it is of the same session. */
  before?: string;
}

export interface Question {
  text: string;
  /** 1 multi-hop, 2 temporal, 3 open-domain, 4 single-hop. */
  category: number;
  /** Positions of the turns that hold the answer. */
  evidence: ReadonlySet<number>;
}

/** A fact that a language model once drew from the conversation, with the positions of the turns that state it. */
export interface Observation {
  text: string;
  turns: number[];
}

export interface Conversation {
  name: string;
  utterances: Utterance[];
  questions: Question[];
  observations: Observation[];
}

/** Parses "1:56 pm on 8 May, 2023", taken as UTC; ms since 1970. */
const timeOf = (text: string): number => {
  const [time = '', date = ''] = text.replace(',', '').split(' on ');
  return Date.parse(`${date} ${time} UTC`);
};

const conversationOf = ({
  sample_id: name,
  conversation,
  observation,
  qa,
}: z.infer<typeof Item>): Conversation => {
  const utterances: Utterance[] = [];
  const position = new Map<string, number>();
  for (let session = 1; ; session++) {
    const lines = conversation[`session_${session}`];
    if (!Array.isArray(lines)) break;
    const observedAt = timeOf(String(conversation[`session_${session}_date_time`]));
    let before: string | undefined;
    for (const { dia_id, speaker, text: said, blip_caption: picture } of lines) {
      const words = `${said}${picture ? ` [shares ${picture}]` : ''}`;
      const text = `${speaker}: ${words}`;
      position.set(dia_id, utterances.length);
      utterances.push({
        text,
        speaker,
        words,
        session: `session_${session}`,
        observedAt,
        ...(before === undefined ? {} : { before }),
      });
      before = text;
    }
  }
  const positionsOf = (sources: readonly string[]): number[] =>
    sources
      .flatMap((source) => source.split(/[; ]+/))
      .flatMap((source) => position.get(source) ?? []);
  const questions = qa.flatMap(({ question: text, evidence: sources, category }) => {
    const evidence = new Set(positionsOf(sources));
    return category > 4 || evidence.size === 0 ? [] : [{ text, category, evidence }];
  });
  const observations = Object.values(observation)
    .flatMap((session) => Object.values(session).flat())
    .map(([text, sources]) => ({ text, turns: positionsOf([sources].flat()) }))
    .filter(({ turns }) => turns.length > 0);
  return { name, utterances, questions, observations };
};

/** Reads the conversations of a LoCoMo file, with the questions of categories 1 to 4 whose evidence can be found. */
export const readLocomo = (file: string): Conversation[] =>
  z
    .array(Item)
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .map(conversationOf);
