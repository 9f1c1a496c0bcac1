import type { Entities } from './entities.ts';

export const roles = ['user', 'assistant', 'system', 'tool'] as const;
export type Role = (typeof roles)[number];

export interface Message {
  role: Role;
  /** Text as received; may be empty only when there are attachments. */
  content: string;
  /** The speaker's name, when the conversation has several. */
  name?: string;
  attachments?: { type: string; url: string }[];
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Metadata = { [key: string]: Json };

/** How a turn wants to be refined. */
export interface TurnOptions {
  /** false: the messages are stored verbatim, no language model is asked. */
  infer: boolean;
  instructions?: string;
  categories?: { name: string; description: string }[];
  includes?: string;
  excludes?: string;
  immutable?: boolean;
  /** Last day, `YYYY-MM-DD` (UTC), on which the memories are shown. */
  expiresOn?: string;
  /** Memory texts to store instead of what the messages say (with `infer: false`). */
  verbatim?: string[];
}

/** One add request. Its id is the id of its rough memory. */
export interface Turn {
  id: string;
  project: string;
  event: string;
  scope: string;
  entities: Entities;
  messages: Message[];
  metadata: Metadata;
  options: TurnOptions;
  /** When it was accepted, ms since 1970. */
  createdAt: number;
  /** When the conversation took place, ms since 1970: dates in the text are relative to this. */
  observedAt: number;
  /** What a reader sees: pending and failed turns are rough memories, applied ones their memories, cancelled ones nothing. */
  state: 'pending' | 'applied' | 'failed' | 'cancelled';
  /** When applied: the memories it added or updated. */
  memoryIds?: string[];
  /** When applied: the plan whose held memories its flip published. */
  plan?: string;
  /** A memory drawn from it was deleted: nothing may borrow from its text any more. */
  quotingForbidden?: boolean;
  /** Its text was erased. */
  erased?: boolean;
  /** While pending or failed for long: the index may hold it verbatim; false once that was taken out. */
  indexed?: boolean;
}

/** Characters of an attachment's URL that are shown; a data URL is long. */
const shownUrl = 200;

/** The text a rough memory shows: `role: text` per message, system messages left out when others speak. */
export const roughText = (turn: Pick<Turn, 'messages'>): string => {
  const spoken = turn.messages.filter((message) => message.role !== 'system');
  return (spoken.length > 0 ? spoken : turn.messages)
    .map(({ name, role, content, attachments = [] }) => {
      const attached = attachments.map(({ type, url }) => `[${type}: ${url.slice(0, shownUrl)}]`);
      return `${name ?? role}: ${[content, ...attached].filter(Boolean).join(' ')}`;
    })
    .join('\n');
};

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
