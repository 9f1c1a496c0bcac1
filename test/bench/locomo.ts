import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Line = z.object({
  dia_id: z.string(),
  speaker: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
const Item = z.object({
  sample_id: z.string(),
  conversation: z.record(z.string(), z.union([z.array(Line), z.string(), z.null()])),
  qa: z.array(
    z.object({ question: z.string(), evidence: z.array(z.string()), category: z.number() }),
  ),
});

export interface Said {
  /** Speaker and words; what a shared picture shows, in brackets. */
  text: string;
  observedAt: number;
  /** What was said just before, in the same session. */
  before?: string;
}

export interface Question {
  text: string;
  /** 1 multi-hop, 2 temporal, 3 open-domain, 4 single-hop. */
  category: number;
  /** Positions of the turns that hold the answer. */
  evidence: ReadonlySet<number>;
}

export interface Conversation {
  name: string;
  said: Said[];
  questions: Question[];
}

/** "1:56 pm on 8 May, 2023" as ms since 1970, taken as UTC. */
const timeOf = (text: string): number => {
  const [time = '', date = ''] = text.replace(',', '').split(' on ');
  return Date.parse(`${date} ${time} UTC`);
};

const conversationOf = ({
  sample_id: name,
  conversation,
  qa,
}: z.infer<typeof Item>): Conversation => {
  const said: Said[] = [];
  const position = new Map<string, number>();
  for (let session = 1; ; session++) {
    const lines = conversation[`session_${session}`];
    if (!Array.isArray(lines)) break;
    const observedAt = timeOf(String(conversation[`session_${session}_date_time`]));
    let before: string | undefined;
    for (const { dia_id, speaker, text: words, blip_caption: picture } of lines) {
      const text = `${speaker}: ${words}${picture ? ` [shares ${picture}]` : ''}`;
      position.set(dia_id, said.length);
      said.push({ text, observedAt, ...(before === undefined ? {} : { before }) });
      before = text;
    }
  }
  const questions = qa.flatMap(({ question: text, evidence: sources, category }) => {
    const ids = sources.flatMap((source) => source.split(/[; ]+/));
    const evidence = new Set(ids.flatMap((id) => position.get(id) ?? []));
    return category > 4 || evidence.size === 0 ? [] : [{ text, category, evidence }];
  });
  return { name, said, questions };
};

/** The conversations of a LoCoMo file, with the questions of categories 1 to 4 whose evidence can be found. */
export const readLocomo = (file: string): Conversation[] =>
  z
    .array(Item)
    .parse(JSON.parse(readFileSync(file, 'utf8')))
    .map(conversationOf);
