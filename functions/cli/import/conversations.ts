import { z } from 'zod';
import type { Entry, Message, Outcome } from './entry.ts';
import type { ImportRecord } from './records.ts';

const time = z.union([z.string(), z.number()]).nullish().catch(undefined);
const text = z.string().nullish().catch(undefined);

const ChatGptMessage = z.object({
  author: z.object({ role: z.string() }),
  content: z.object({ parts: z.array(z.unknown()).nullish() }).catch({ parts: [] }),
  create_time: time,
  recipient: text,
  metadata: z
    .object({ is_visually_hidden_from_conversation: z.boolean().nullish() })
    .nullish()
    .catch(undefined),
});
const ChatGptNode = z.object({
  message: ChatGptMessage.nullish().catch(undefined),
  parent: text,
});
const ChatGptConversation = z.object({
  mapping: z.record(z.string(), ChatGptNode),
  current_node: text,
  create_time: time,
  conversation_id: text,
  id: text,
});
const ClaudeMessage = z.object({
  sender: z.string(),
  text: text,
  content: z
    .array(z.object({ type: z.string(), text }))
    .nullish()
    .catch(undefined),
  created_at: time,
});
const ClaudeConversation = z.object({
  uuid: text,
  created_at: time,
  chat_messages: z.array(ClaudeMessage.nullable().catch(null)),
});
const PlainMessage = z.object({
  role: text,
  role_type: text,
  name: text,
  content: z.union([z.string(), z.array(z.unknown())]).nullish(),
  created_at: time,
});
const PlainConversation = z.object({
  messages: z.array(PlainMessage.nullable().catch(null)),
  user_id: text,
  agent_id: text,
  app_id: text,
  run_id: text,
  session_id: text,
  metadata: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  timestamp: time,
  created_at: time,
  infer: z.boolean().nullish().catch(undefined),
});

/** Message with the time at which it was said, if the file says so. */
interface DatedMessage extends Message {
  at: string | number | null | undefined;
}

/** Longest text of one message; a longer one becomes several messages. */
const maxCharacters = 50_000;
/** Longest texts of one turn together; more become several turns. */
const maxTurnCharacters = 100_000;

/** Splits between characters, never within one. */
const pieces = (whole: string): string[] => {
  const found: string[] = [];
  for (let from = 0; from < whole.length; ) {
    let to = Math.min(whole.length, from + maxCharacters);
    if (/[\uD800-\uDBFF]/.test(whole[to - 1] ?? '') && to < whole.length) to -= 1;
    found.push(whole.slice(from, to));
    from = to;
  }
  return found;
};

const inPieces = (message: DatedMessage): DatedMessage[] =>
  typeof message.content === 'string' && message.content.length > maxCharacters
    ? pieces(message.content).map((content) => ({ ...message, content }))
    : [message];

const sizeOf = ({ content }: Message): number =>
  typeof content === 'string' ? content.length : JSON.stringify(content).length;

/** Splits a conversation into exchanges: messages of a person with the answers that follow. Each becomes a turn. */
const exchangesOf = (messages: readonly DatedMessage[]): DatedMessage[][] => {
  const exchanges: DatedMessage[][] = [];
  let size = 0;
  for (const message of messages.flatMap(inPieces)) {
    const last = exchanges.at(-1);
    const begins = message.role === 'user' && last?.at(-1)?.role !== 'user';
    size += sizeOf(message);
    if (last && !begins && size <= maxTurnCharacters) last.push(message);
    else {
      exchanges.push([message]);
      size = sizeOf(message);
    }
  }
  return exchanges;
};

const entriesOf = (
  messages: readonly DatedMessage[],
  shared: Pick<Entry, 'ids' | 'at'> & Partial<Entry>,
): Outcome => {
  if (messages.length === 0) return { skipped: 'a conversation without texts' };
  return {
    entries: exchangesOf(messages).map((exchange) => ({
      isVerbatim: false,
      metadata: {},
      id: undefined,
      ...shared,
      at: exchange.find(({ at }) => at)?.at ?? shared.at,
      messages: exchange.map(({ at: _, ...message }) => message),
    })),
  };
};

/** Nodes from the first message to the shown one; regenerated answers and edited questions are beside that path. */
const shownPath = ({ mapping, current_node }: z.output<typeof ChatGptConversation>) => {
  const path: z.output<typeof ChatGptNode>[] = [];
  const passed = new Set<string>();
  for (let at = current_node ?? Object.keys(mapping).at(-1); at && !passed.has(at); ) {
    passed.add(at);
    const node = mapping[at];
    if (node) path.push(node);
    at = node?.parent ?? undefined;
  }
  return path.reverse();
};

const chatGptMessage = ({ message }: z.output<typeof ChatGptNode>): DatedMessage[] => {
  if (!message) return [];
  const { author, recipient, metadata, content, create_time: at } = message;
  const isShown =
    ['user', 'assistant'].includes(author.role) &&
    (recipient ?? 'all') === 'all' &&
    !metadata?.is_visually_hidden_from_conversation;
  const said = (content.parts ?? []).filter((part) => typeof part === 'string').join('\n');
  return isShown && said.trim() !== '' ? [{ role: author.role, content: said, at }] : [];
};

const chatGpt = (conversation: z.output<typeof ChatGptConversation>): Outcome => {
  const { conversation_id, id, create_time: at } = conversation;
  const run = conversation_id ?? id;
  const messages = shownPath(conversation).flatMap(chatGptMessage);
  return entriesOf(messages, { ids: run ? { run_id: run } : {}, at });
};

const claude = ({ uuid, created_at: at, chat_messages }: z.output<typeof ClaudeConversation>) =>
  entriesOf(
    chat_messages.flatMap((message): DatedMessage[] => {
      if (!message) return [];
      const parts = (message.content ?? []).flatMap((part) =>
        part.type === 'text' && part.text ? [part.text] : [],
      );
      const said = parts.length > 0 ? parts.join('\n') : (message.text ?? '');
      if (said.trim() === '') return [];
      const role = message.sender === 'assistant' ? 'assistant' : 'user';
      return [{ role, content: said, at: message.created_at }];
    }),
    { ids: uuid ? { run_id: uuid } : {}, at },
  );

/** Roles that Zep has and the service does not. */
const zepRoles: { readonly [role: string]: string } = { norole: 'user', function: 'tool' };

const plain = (conversation: z.output<typeof PlainConversation>): Outcome => {
  const { messages, user_id, agent_id, app_id, run_id, session_id } = conversation;
  const run = run_id ?? session_id;
  const dated = messages.flatMap((message): DatedMessage[] => {
    if (!message?.content?.length) return [];
    const { role_type, name, content, created_at: at } = message;
    // Zep has the name of the speaker in `role`, and the role in `role_type`.
    const role = role_type ? (zepRoles[role_type] ?? role_type) : (message.role ?? 'user');
    const speaker = role_type ? message.role : name;
    return [{ role, ...(speaker && speaker !== role && { name: speaker }), content, at }];
  });
  return entriesOf(dated, {
    ids: {
      ...(user_id && { user_id }),
      ...(agent_id && { agent_id }),
      ...(app_id && { app_id }),
      ...(run && { run_id: run }),
    },
    metadata: conversation.metadata ?? {},
    at: conversation.timestamp ?? conversation.created_at,
    isVerbatim: conversation.infer === false,
  });
};

const readers = [
  { field: 'mapping', schema: ChatGptConversation, read: chatGpt },
  { field: 'chat_messages', schema: ClaudeConversation, read: claude },
  { field: 'messages', schema: PlainConversation, read: plain },
] as const;

/** Whether a record is a conversation, of whichever service. */
export const isConversation = (record: ImportRecord): boolean =>
  readers.some(({ field }) => typeof record[field] === 'object' && record[field] !== null);

/** Returns the turns of a conversation, or why it is left out. */
export const conversationEntries = (record: ImportRecord): Outcome => {
  for (const { field, schema, read } of readers) {
    if (typeof record[field] !== 'object' || record[field] === null) continue;
    const parsed = schema.safeParse(record);
    return parsed.success
      ? (read as (conversation: unknown) => Outcome)(parsed.data)
      : { skipped: 'a conversation of an unknown form' };
  }
  return { skipped: 'a conversation of an unknown form' };
};
