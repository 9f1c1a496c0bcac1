export interface Message {
  role: string;
  name?: string;
  content: string | unknown[];
}

export interface Ids {
  user_id?: string;
  agent_id?: string;
  app_id?: string;
  run_id?: string;
}

/** Turn to add: an exchange of a conversation, or a memory that is kept word for word. */
export interface Entry {
  messages: Message[];
  isVerbatim: boolean;
  ids: Ids;
  metadata: { [field: string]: unknown };
  /** Time as the file has it: text, Unix seconds or Unix milliseconds. */
  at: string | number | null | undefined;
  /** Id that the memory had. */
  id: string | undefined;
}

/** Turns of a record, or the reason why it is left out. */
export type Outcome = { entries: Entry[] } | { skipped: string };
