import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { TerminalError } from '../../../shared/domain/errors.ts';

const Line = z.object({
  dia_id: z.string(),
  speaker: z.string(),
  text: z.string(),
  blip_caption: z.string().optional(),
});
const RecordedQuestion = z.object({
  question: z.string(),
  answer: z.union([z.string(), z.number()]).transform(String).optional(),
  evidence: z.array(z.string()).default([]),
  category: z.number().default(0),
});
const Recorded = z.object({
  sample_id: z.string().optional(),
  conversation: z.record(z.string(), z.union([z.array(Line), z.string(), z.null()])),
  qa: z.array(RecordedQuestion).default([]),
});
type Recorded = z.output<typeof Recorded>;

/** Body of one request. `key` is its idempotency key, derived from the body, so that a repeated run adds nothing twice. */
export interface IngestTurn {
  key: string;
  body: { [field: string]: unknown };
}

export interface Question {
  text: string;
  answer: string;
  /** Turns that hold the answer. */
  evidence: ReadonlySet<string>;
}

export interface Conversation {
  name: string;
  user: string;
  speakers: string[];
  turns: IngestTurn[];
  questions: Question[];
}

/** Category of questions without an answer in the conversation. */
const adversarial = 5;

/** Parses a time such as "1:56 pm on 8 May, 2023" as UTC. */
const parseTime = (text: unknown, session: string): string => {
  const [time = '', date = ''] = String(text).replace(',', '').split(' on ');
  const ms = Date.parse(`${date} ${time} UTC`);
  if (Number.isNaN(ms))
    throw new TerminalError(
      'bad_file',
      `${session} has no date and time such as "1:56 pm on 8 May, 2023".`,
    );
  return new Date(ms).toISOString();
};

const contentOf = ({ text, blip_caption: picture }: z.output<typeof Line>): string =>
  picture === undefined ? text : `${text} [shares a picture: ${picture}]`;

const turnOf = (
  line: z.output<typeof Line>,
  context: { user: string; session: string; timestamp: string; first: string },
): IngestTurn => {
  const { user, session, timestamp, first } = context;
  const role = line.speaker === first ? 'user' : 'assistant';
  const body = {
    messages: [{ role, name: line.speaker, content: contentOf(line) }],
    user_id: user,
    run_id: session,
    metadata: { dia_id: line.dia_id },
    timestamp,
  };
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  return { key: `ingest:${digest}`, body };
};

const sessionsOf = ({ conversation }: Recorded) =>
  Object.entries(conversation)
    .flatMap(([session, lines]) => {
      const [, number] = /^session_(\d+)$/.exec(session) ?? [];
      return number !== undefined && Array.isArray(lines)
        ? [{ session, lines, at: Number(number) }]
        : [];
    })
    .sort((a, b) => a.at - b.at);

const questionsOf = ({ qa }: Recorded): Question[] =>
  qa.flatMap(({ question: text, answer, evidence, category }) =>
    answer === undefined || category === adversarial
      ? []
      : [{ text, answer, evidence: new Set(evidence.flatMap((ids) => ids.split(/[; ]+/))) }],
  );

const conversationOf = (recorded: Recorded, number: number, user: string): Conversation => {
  const sessions = sessionsOf(recorded);
  const speakers = [
    ...new Set(sessions.flatMap(({ lines }) => lines.map(({ speaker }) => speaker))),
  ];
  const turns = sessions.flatMap(({ session, lines }) => {
    const timestamp = parseTime(recorded.conversation[`${session}_date_time`], session);
    const context = { user, session: `${user}-${session}`, timestamp, first: speakers[0] ?? '' };
    return lines.map((line) => turnOf(line, context));
  });
  const name = recorded.sample_id ?? `conversation ${number}`;
  return { name, user, speakers, turns, questions: questionsOf(recorded) };
};

const parseFile = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read';
    throw new TerminalError('bad_file', `${file} ${why}.`, error);
  }
};

/**
 * Reads one conversation of a LoCoMo file, with its turns in chronological order.
 * @throws TerminalError bad_file
 */
export const readConversation = (file: string, number: number, user: string): Conversation => {
  const parsed = z.array(z.unknown()).min(1).safeParse(parseFile(file));
  if (!parsed.success)
    throw new TerminalError(
      'bad_file',
      `${file} is not a LoCoMo file: a list of conversations is expected.`,
    );
  const { data } = parsed;
  if (number >= data.length)
    throw new TerminalError(
      'bad_file',
      `${file} has conversations 0 to ${data.length - 1}, but no ${number}.`,
    );
  const recorded = Recorded.safeParse(data[number]);
  if (!recorded.success) {
    const at = recorded.error.issues[0]?.path.join('.');
    throw new TerminalError(
      'bad_file',
      `${file} is not a LoCoMo file: conversation ${number} has no valid ${at}.`,
    );
  }
  return conversationOf(recorded.data, number, user);
};
