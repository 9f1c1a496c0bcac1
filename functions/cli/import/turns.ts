import { createHash } from 'node:crypto';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { IngestTurn } from '../ingest/conversation.ts';
import { conversationEntries, isConversation } from './conversations.ts';
import type { Entry, Ids, Outcome } from './entry.ts';
import { isMemory, memoryEntry } from './memories.ts';
import type { ImportRecord } from './records.ts';

export interface Choices {
  /** Ids of what the file names no user and no agent for. */
  ids: Ids;
  /** Metadata field for the id that a memory had. */
  idField: string | undefined;
}

export interface Import {
  turns: IngestTurn[];
  /** Number of turns that are memories, kept word for word. */
  memories: number;
  users: Set<string>;
  /** Number of records that are left out, by reason. */
  skipped: Map<string, number>;
  /** First and last time of the turns, ISO 8601. */
  span: readonly [string, string] | undefined;
}

/** From this number on, a time is in milliseconds: seconds would be in the year 5138. */
const firstMs = 1e11;

const isoTime = (at: Entry['at']): string | undefined => {
  if (at === null || at === undefined || at === '') return undefined;
  const number = typeof at === 'number' ? at : Number(at);
  const ms = Number.isNaN(number)
    ? Date.parse(String(at))
    : number < firstMs
      ? number * 1e3
      : number;
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
};

const bodyOf = (entry: Entry, { ids, idField }: Choices): IngestTurn['body'] => {
  const named = entry.ids.user_id || entry.ids.agent_id ? entry.ids : { ...ids, ...entry.ids };
  if (!named.user_id && !named.agent_id)
    throw new TerminalError('no_user', 'The file names no user: give one with --user.');
  const timestamp = isoTime(entry.at);
  return {
    messages: entry.messages,
    ...named,
    metadata: {
      ...entry.metadata,
      ...(idField !== undefined && entry.id !== undefined && { [idField]: entry.id }),
    },
    ...(timestamp && { timestamp }),
    ...(entry.isVerbatim && { infer: false, async: true }),
    dedupe: false,
  };
};

const outcomeOf = (record: ImportRecord): Outcome => {
  if (isConversation(record)) return conversationEntries(record);
  return isMemory(record) ? memoryEntry(record) : { skipped: 'a record of an unknown form' };
};

/** Gives each body an idempotency key: its digest, and its number among equal bodies of the file. */
const createKeys = () => {
  const seen = new Map<string, number>();
  return (body: IngestTurn['body']): string => {
    const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
    const nth = seen.get(digest) ?? 0;
    seen.set(digest, nth + 1);
    return `import:${digest}:${nth}`;
  };
};

const timeOf = ({ body }: IngestTurn): string => String(body['timestamp'] ?? '');

/** Oldest first, since turns are refined in this order. Exports often have the newest conversation first. */
const inOrder = (turns: readonly IngestTurn[]): IngestTurn[] =>
  turns.every((turn) => timeOf(turn) !== '')
    ? turns.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : Number(timeOf(a) > timeOf(b))))
    : [...turns];

/**
 * Returns the turns that the records of a file become: by their times if each has one, else in the order of the file.
 * @throws TerminalError no_user if a record names neither a user nor an agent and the choices name none
 */
export const turnsOf = (records: readonly ImportRecord[], choices: Choices): Import => {
  const keyOf = createKeys();
  const turns: IngestTurn[] = [];
  const users = new Set<string>();
  const skipped = new Map<string, number>();
  let memories = 0;
  for (const record of records) {
    const outcome = outcomeOf(record);
    if ('skipped' in outcome) {
      skipped.set(outcome.skipped, (skipped.get(outcome.skipped) ?? 0) + 1);
      continue;
    }
    for (const entry of outcome.entries) {
      const body = bodyOf(entry, choices);
      turns.push({ key: keyOf(body), body });
      users.add(String(body['user_id'] ?? body['agent_id']));
      if (entry.isVerbatim) memories += 1;
    }
  }
  const times = turns
    .map(timeOf)
    .filter((at) => at !== '')
    .sort();
  const [first] = times;
  const span = first === undefined ? undefined : ([first, times.at(-1) ?? first] as const);
  return { turns: inOrder(turns), memories, users, skipped, span };
};
