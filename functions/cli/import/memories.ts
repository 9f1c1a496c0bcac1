import { z } from 'zod';
import type { Entry, Outcome } from './entry.ts';
import type { ImportRecord } from './records.ts';

const text = z.string().trim().min(1).nullish().catch(undefined);
const object = z.record(z.string(), z.unknown()).nullish().catch(undefined);
const flag = z.boolean().nullish().catch(undefined);
const time = z.union([z.string(), z.number()]).nullish().catch(undefined);

/** Fields of a memory as mem0, MemOS, Zep and supermemory write them. Each writes some. */
const ForeignMemory = z.object({
  memory: text,
  memory_value: text,
  preference: text,
  event_value: text,
  fact: text,
  content: text,
  summary: text,
  title: text,
  id: text,
  uuid: text,
  user_id: text,
  agent_id: text,
  app_id: text,
  run_id: text,
  conversation_id: text,
  containerTag: text,
  containerTags: z.array(z.string()).nullish().catch(undefined),
  metadata: object,
  info: object,
  tags: z.array(z.string()).nullish().catch(undefined),
  valid_at: time,
  invalid_at: time,
  expired_at: time,
  created_at: time,
  createdAt: time,
  create_time: time,
  isForgotten: flag,
  isLatest: flag,
  status: text,
  lifecycle_state: text,
  type: text,
});
type ForeignMemory = z.output<typeof ForeignMemory>;

/** Session that MemOS names where a memory has none. */
const noSession = 'default_session';
const closedStates = new Set(['archived', 'deleted', 'superseded', 'retracted']);

const isOver = ({ invalid_at, expired_at, isForgotten, isLatest, ...rest }: ForeignMemory) =>
  Boolean(invalid_at ?? expired_at ?? isForgotten) ||
  isLatest === false ||
  closedStates.has(rest.status ?? rest.lifecycle_state ?? '');

/** Whether a record is a memory, of whichever service. */
export const isMemory = (record: ImportRecord): boolean =>
  ['memory', 'memory_value', 'preference', 'event_value', 'fact', 'content', 'summary'].some(
    (field) => typeof record[field] === 'string',
  );

const metadataOf = ({ metadata, info, tags }: ForeignMemory): { [field: string]: unknown } => ({
  ...metadata,
  ...info,
  ...(tags && tags.length > 0 && { tags }),
});

const sessionOf = ({ run_id, conversation_id }: ForeignMemory): string | undefined => {
  const session = run_id ?? conversation_id ?? undefined;
  return session === noSession ? undefined : session;
};

const idsOf = (memory: ForeignMemory): Entry['ids'] => {
  const user = memory.user_id ?? memory.containerTag ?? memory.containerTags?.[0];
  const run = sessionOf(memory);
  return {
    ...(user && { user_id: user }),
    ...(memory.agent_id && { agent_id: memory.agent_id }),
    ...(memory.app_id && { app_id: memory.app_id }),
    ...(run && { run_id: run }),
  };
};

/** Returns the text of a memory, to be kept word for word, or why it is left out. */
export const memoryEntry = (record: ImportRecord): Outcome => {
  const memory = ForeignMemory.parse(record);
  const content =
    memory.memory ??
    memory.memory_value ??
    memory.preference ??
    memory.event_value ??
    memory.fact ??
    memory.content ??
    memory.summary;
  if (!content) return { skipped: 'a memory without a text' };
  if (isOver(memory)) return { skipped: 'a memory that is no longer true' };
  if (memory.type === 'rough') return { skipped: 'a turn that was not refined yet' };
  return {
    entries: [
      {
        messages: [{ role: 'user', content }],
        isVerbatim: true,
        ids: idsOf(memory),
        metadata: metadataOf(memory),
        at: memory.valid_at ?? memory.created_at ?? memory.createdAt ?? memory.create_time,
        id: memory.id ?? memory.uuid ?? undefined,
      },
    ],
  };
};
