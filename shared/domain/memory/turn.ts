import type { Category } from '../categories/category.ts';
import type { ObjectShape } from '../derived/shape.ts';
import type { RedactionCounts } from '../sensitive/sensitive.ts';
import type { Entities } from './entities.ts';

export const roles = ['user', 'assistant', 'system', 'tool'] as const;
export type Role = (typeof roles)[number];

/** A file of a message: a link, or a file that came with the add. */
export interface Attachment {
  type: string;
  /** The link; of a file that came with the add `data:` and its media type. */
  url: string;
  name?: string;
  mediaType?: string;
  /** Digest of the bytes, by which they are stored; of a link since it was fetched. */
  digest?: string;
  /** Absent until the attachment was processed; `kept`: stored, but not read. */
  status?: 'read' | 'kept' | 'failed';
  /** Sentence without any text of the file. */
  reason?: string;
  /** Of a failed one: whether the cause may pass, so that a retry of the event reads the attachment again. */
  retryable?: true;
  /** Of an image that is stored: the language model has yet to describe it. */
  awaitsModel?: true;
  /** Digest of the text that was read, by which it is stored. */
  text?: string;
}

export interface Message {
  role: Role;
  /** Text as received; may be empty only when there are attachments. */
  content: string;
  /** The speaker's name, when the conversation has several. */
  name?: string;
  attachments?: Attachment[];
  /** When it was said, in the words of the request; shown as given. */
  time?: string;
  /** When it was said, ms since 1970, where the messages of a turn have different times. */
  saidAt?: number;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Metadata = { [key: string]: Json };

export const feedbackValues = ['POSITIVE', 'NEGATIVE', 'VERY_NEGATIVE'] as const;

/** Opinion of a client on a memory. */
export interface Feedback {
  value: (typeof feedbackValues)[number];
  reason?: string;
}

/** Options of an add request for its refinement. */
export interface TurnOptions {
  /** false: the messages are stored verbatim, without a language model. */
  infer: boolean;
  instructions?: string;
  /** Instructions for what the assistant says. */
  agentInstructions?: string;
  categories?: readonly Category[];
  includes?: string;
  excludes?: string;
  /** Whether a model gives each text a kind, a title and tags. The embedded extractor always does. */
  described?: true;
  /** Form of the structured data that a model draws from each memory. */
  structuredData?: ObjectShape;
  immutable?: boolean;
  /** Last day, `YYYY-MM-DD` (UTC), on which the memories are shown. */
  expiresOn?: string;
  /** Minutes by which the caller's clock is ahead of UTC: "today" in the text is a day there. UTC without one. */
  utcOffset?: number;
  /** Memory texts to store instead of the messages (with `infer: false`). */
  verbatim?: string[];
  /** Feedback on the rough memory, which the first memory that the turn adds takes over. Erased with the other options. */
  feedback?: Feedback;
}

/** An accepted add request. The turn's id is also the id of its rough memory. */
export interface Turn {
  id: string;
  project: string;
  event: string;
  scope: string;
  /** `traceparent` of the request, if traces are exported. */
  trace?: string;
  entities: Entities;
  messages: Message[];
  metadata: Metadata;
  /** Id of the correction that gave it its metadata, if any. */
  metadataSince?: string;
  options: TurnOptions;
  /** When the request was accepted, ms since 1970. */
  createdAt: number;
  /**
   * When the conversation took place, ms since 1970; where its messages have times of their own, that of the last one. Relative dates in
   * the text refer to this time, or to that of the message.
   */
  observedAt: number;
  /**
   * Decides alone what readers see: the rough memory of a pending or failed turn, the memories of an applied one, else
   * nothing.
   */
  state: 'pending' | 'applied' | 'failed' | 'cancelled';
  /** Of an applied turn: the memories that it added or updated. The first addition has the turn's own id. */
  memoryIds?: string[];
  /** Of an applied turn: the memories that it took back, and the closed versions of those that it updated. */
  closedIds?: string[];
  /** Of an applied turn: by position of a message, the memories that it states, each with its `textVersion` at that time. */
  drawn?: { [position: string]: { [memory: string]: number } };
  /** Rises with every correction of the messages; absent before the first. A plan is only valid for the revision it read. */
  revision?: number;
  /** When it was accepted without an outbox, since its project was known to have no endpoint and not to poll. */
  unannouncedAt?: number;
  /** Values that were masked or dropped before the turn was committed, by kind. */
  redacted?: RedactionCounts;
  /** Whether its refinement replaced secrets in the messages, at revision 1. No request made that revision. */
  secretsReplaced?: true;
  /** Of an applied turn: the plan that was applied; memories staged by that plan are visible. */
  plan?: string;
  /** Whether a memory drawn from the turn, or a message of it, was erased, so that no history may show the turn's text any more. */
  quotingForbidden?: boolean;
  /** Number of leading `memoryIds` whose memories are known to be deleted: erasures do not read them again. */
  deletedMemories?: number;
  /** Whether the text was erased. */
  erased?: boolean;
  /**
   * Entries of its messages that the index may hold: those of one revision, at positions below `count`. Written before the
   * entries, so that whatever ends the turn finds them.
   */
  index?: {
    revision: number;
    count: number;
    submittedAt?: number;
    /** Embedding model of the vectors that were submitted. */
    model?: string;
    visibleAt?: number;
    /** Whether the entries of an ended turn were removed once. */
    isRemoved?: boolean;
  };
  /** Digests of all bytes that were ever stored for its attachments, written before the bytes, so that whatever ends the turn removes them. */
  blobs?: string[];
  /** Whether the bytes of an ended turn were removed once. */
  areBlobsRemoved?: boolean;
  /** Rises with every erasure of single messages, as the condition of concurrent ones. */
  erasures?: number;
  /**
   * Of an applied turn: positions of erased messages whose entries are to be removed from the index, and when they were removed
   * first. Written with a due time in the transaction that erases the words.
   */
  erasedEntries?: { positions: number[]; removedAt?: number };
}

/** When a message of a turn was said, ms since 1970: at the time of the turn unless it has its own. */
export const saidAtOf = (
  { observedAt }: Pick<Turn, 'observedAt'>,
  message: Pick<Message, 'saidAt'> | undefined,
): number => message?.saidAt ?? observedAt;

/** Messages of which some lose their words. The others keep their positions. */
export const withoutWords = (
  messages: readonly Message[],
  positions: ReadonlySet<number>,
): Message[] =>
  messages.map((message, position) =>
    positions.has(position) ? { role: message.role, content: '' } : message,
  );

/** Bound of an attachment's URL in the text, in characters. */
const maxUrlChars = 200;

/** Placeholder of an attachment: with its link, or the name of a file that came with the add. */
const placeholder = ({ type, url, name }: Attachment): string => {
  const title = url.startsWith('data:') ? name : url;
  return title === undefined
    ? `[${type}]`
    : `[${type}: ${title.slice(0, maxUrlChars).toWellFormed()}]`;
};

/** Text of a message, with its attachments. */
export const messageText = ({ content, attachments = [] }: Message): string => {
  return [content, ...attachments.map(placeholder)].filter(Boolean).join(' ');
};

/** Messages that have a text, with their positions; without system messages if there are others. */
export const spokenMessages = ({
  messages,
}: Pick<Turn, 'messages'>): { position: number; message: Message }[] => {
  const present = messages
    .map((message, position) => ({ position, message }))
    .filter(({ message }) => messageText(message).trim() !== '');
  const spoken = present.filter(({ message }) => message.role !== 'system');
  return spoken.length > 0 ? spoken : present;
};

/** Text of a rough memory: `role: text` per message, without system messages if there are others. */
export const roughText = (turn: Pick<Turn, 'messages'>): string =>
  spokenMessages(turn)
    .map(({ message }) => `${message.name ?? message.role}: ${messageText(message)}`)
    .join('\n');

/** Texts that a turn without inference stores word for word, each with the position of its message; system messages are left out. */
export const verbatimTexts = ({
  messages,
  options,
}: Pick<Turn, 'messages' | 'options'>): { text: string; message?: number }[] => {
  if (options.verbatim) return options.verbatim.map((text) => ({ text }));
  return messages.flatMap(({ role, content }, message) =>
    role === 'system' || content.trim() === '' ? [] : [{ text: content, message }],
  );
};
