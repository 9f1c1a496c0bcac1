/// <reference lib="esnext.disposable" preserve="true" />

import type { CallOptions, EventStatus, Metadata, PendingAdd, Scope } from './call-interface.ts';
import type { ContextOptions, ContextResult } from './context-interface.ts';
import type { ProcessingOperations, ProcessingOptions } from './processing-interface.ts';

export interface Message {
  /** `user`, `assistant`, `system` or `tool`, or a name that OpenAI, Anthropic or Google use. */
  role: string;
  /** A text, a content part or a list of content parts. */
  content: unknown;
  name?: string | undefined;
}

/** Text of the user, a message, or several messages. */
export type Messages = string | Message | readonly Message[];

export interface AddOptions extends Scope, CallOptions {
  metadata?: Metadata | undefined;
  /** `false` keeps the texts word for word, without a model. */
  infer?: boolean | undefined;
  /** When the conversation took place: a Date, Unix seconds or ISO 8601. */
  timestamp?: Date | number | string | undefined;
  /** Day after which no read finds the memories, `YYYY-MM-DD` or a Date. */
  expirationDate?: Date | string | undefined;
  /** Categories of this add in place of those of the project: `[{ name: description }]`. */
  customCategories?: readonly { [name: string]: string }[] | undefined;
  /** Instructions to the language model. The embedded rules cannot follow them: the result names them in `ignored`. */
  customInstructions?: string | undefined;
  /** Topics to remember alone, and topics to leave out. */
  includes?: string | undefined;
  excludes?: string | undefined;
  /** `true` makes memories that no later turn changes. */
  immutable?: boolean | undefined;
  /** `false` resolves as soon as the turn is stored, before it is refined. */
  wait?: boolean | undefined;
  /** An add with the same key and content is the same add, for 24 hours. By default each call has a key of its own. */
  idempotencyKey?: string | undefined;
  /** Longest wait for the refinement in milliseconds, 30,000 by default. */
  timeoutMs?: number | undefined;
}

/** A change that an add made to a memory. */
export interface AddedMemory {
  id: string;
  event: 'ADD' | 'UPDATE' | 'DELETE';
  memory: string | null;
  previousMemory?: string;
}

/** Remarks on the texts of an add. */
interface TextRemarks {
  /** How many values were masked or dropped, by kind such as `card`. */
  redacted?: { kind: string; count: number }[];
  /** Signs that the texts try to poison memories, such as `override`. */
  suspicious?: string[];
}

export interface AddResult extends TextRemarks {
  results: AddedMemory[];
  /** Why nothing was learnt, if `results` is empty, and what was not read of the attachments. */
  reason?: string;
  /** Options of the add that the model cannot follow, such as `customInstructions`. */
  ignored?: string[];
  eventId: string;
}

/** Outcome of the reading of an attachment. */
export interface AttachmentOutcome {
  /** Position among the attachments of the add. */
  part: number;
  /** Kind of the attachment, such as `image` or `pdf`. */
  type: string;
  /** Why it was not read. Absent if it was. */
  reason?: string;
}

export interface EventResult {
  id: string | null;
  event: 'ADD' | 'UPDATE' | 'DELETE' | 'NONE';
  memory: string | null;
  previousMemory?: string;
  /** Of NONE: why no memory changed. */
  reason?: string;
}

/** Processing of one turn or one delete-all. */
export interface MemoryEvent extends TextRemarks {
  id: string;
  status: EventStatus;
  stage: string;
  results: EventResult[];
  error: { code: string; message: string; retryable: boolean } | null;
  /** Options of the add that the model cannot follow, such as `customInstructions`. */
  ignored?: string[];
  /** Outcomes of the attachments of the messages. */
  attachments?: AttachmentOutcome[];
  createdAt: string;
  updatedAt: string;
  completedAt: string | null;
}

export interface Memory {
  id: string;
  memory: string;
  userId: string | null;
  agentId: string | null;
  appId: string | null;
  runId: string | null;
  metadata: Metadata;
  categories: string[] | null;
  /** ISO 8601. */
  createdAt: string;
  updatedAt: string;
  expirationDate: string | null;
  /** `rough`: a turn that is not refined yet. `refined`: one memory. `message`: one message of a refined turn. */
  type: 'rough' | 'refined' | 'message';
  /** Of a rough memory: the event to wait for. */
  eventId?: string | null;
  /** Role of the speaker of a message. */
  role?: string;
  /** The memory that has the newer text, if this one is no longer true. */
  replacedBy?: string | null;
}

export interface FoundMemory extends Memory {
  /** 0 to 1; higher is better. */
  score: number;
  scoreBreakdown: { [part: string]: number };
  /** The message that the memory was drawn from, if the query matches it. */
  source?: { id: string; memory: string };
  /** Results that say the same and were left out. */
  duplicates?: string[];
}

export interface SearchOptions extends Scope, CallOptions {
  /** Filters of the HTTP API, verbatim. */
  filters?: { [key: string]: unknown } | undefined;
  /** Number of results, 1 to 1,000; 10 by default. */
  topK?: number | undefined;
  /** Another name of `topK`. */
  limit?: number | undefined;
  /** Lowest score of a result, 0 to 1. */
  threshold?: number | undefined;
  /** `false` leaves out turns that are not refined yet. */
  includeRough?: boolean | undefined;
  /** `false` leaves out the messages of refined turns. */
  includeMessages?: boolean | undefined;
  /** Finds what was true at a time: a Date, Unix seconds or ISO 8601. */
  atTime?: Date | number | string | undefined;
  /** `true` finds also what is no longer true, and what has expired. */
  includeExpired?: boolean | undefined;
  /** `true` has the language model order the best 30 results; without one it has no effect. */
  rerank?: boolean | undefined;
  /** How unlike each other results are to be, 0 to 1; 0 by default. */
  diversity?: number | undefined;
  /** Share of the order that is due to how recently a memory was said, 0 to 1; 0 by default. */
  recency?: number | undefined;
}

export interface SearchResult {
  results: FoundMemory[];
  /** Parts of the ranking that were not available, such as `semantic`. */
  degraded?: string[];
}

export interface ListOptions extends Scope, CallOptions {
  filters?: { [key: string]: unknown } | undefined;
  /** Number of memories; 100 by default, the newest first. */
  limit?: number | undefined;
  includeRough?: boolean | undefined;
  /** Lists what was true at a time: a Date, Unix seconds or ISO 8601. */
  atTime?: Date | number | string | undefined;
  /** `true` lists also what is no longer true, and what has expired. */
  includeExpired?: boolean | undefined;
}

export interface ListResult {
  results: Memory[];
  /** All memories that match. */
  count: number;
}

export interface MemoryChange {
  text?: string | undefined;
  metadata?: Metadata | undefined;
}

export interface DeleteAllOptions extends Scope, CallOptions {
  /** Deletes only memories that have all these keys with equal values. */
  metadata?: Metadata | undefined;
}

/** The memories are gone from every read; the event reports the erasure of their texts. */
export interface DeleteStarted {
  message: string;
  eventId: string;
}

export interface HistoryEntry {
  id: string;
  memoryId: string;
  event: string;
  oldMemory: string | null;
  newMemory: string | null;
  input: { role: string; content: string }[];
  metadata: Metadata;
  createdAt: string;
  updatedAt: string;
}

export interface WaitOptions extends CallOptions {
  /** Longest wait in milliseconds, 30,000 by default. */
  timeoutMs?: number | undefined;
}

/**
 * The operations on memories, the same in process and over HTTP. Calls may run at the same time, in any number. Every failure
 * is a TurnstoneError, except an abort, which rejects with the reason of the signal.
 */
export interface MemoryOperations extends ProcessingOperations {
  /**
   * Adds a turn of conversation, which is refined at once. Resolves once it is.
   * @throws PendingError after `timeoutMs`: the turn is stored and its refinement goes on
   * @throws RefinementError the turn could not be refined; it stays searchable as it was said
   */
  add(messages: Messages, options: AddOptions & { wait: false }): Promise<PendingAdd>;
  add(messages: Messages, options: AddOptions & { wait?: true | undefined }): Promise<AddResult>;
  add(messages: Messages, options: AddOptions): Promise<AddResult | PendingAdd>;
  /** Finds memories by meaning and by words, the best first. Sees every add that has resolved or is stored. */
  search(query: string, options: SearchOptions): Promise<SearchResult>;
  /** Returns the best memories as one text with days and speakers that fits the budget, for the prompt of an agent. */
  context(query: string, options: ContextOptions): Promise<ContextResult>;
  /** Lists memories, the newest first. */
  getAll(options: ListOptions): Promise<ListResult>;
  /** @throws NotFoundError memory_not_found */
  get(id: string, options?: CallOptions): Promise<Memory>;
  /** @throws NotFoundError memory_not_found */
  update(id: string, change: string | MemoryChange, options?: CallOptions): Promise<Memory>;
  /** @throws NotFoundError memory_not_found */
  delete(id: string, options?: CallOptions): Promise<{ message: string }>;
  /** Deletes all memories that name every given id. Without an id nothing is deleted: see `reset`. */
  deleteAll(options: DeleteAllOptions): Promise<DeleteStarted>;
  /** Returns the newest 100 changes of a memory, oldest first. */
  history(id: string, options?: CallOptions): Promise<HistoryEntry[]>;
  /** Deletes every memory of the data folder, or of the project of the API key. */
  reset(options?: CallOptions): Promise<DeleteStarted>;
  /**
   * Resolves with the event once it is final, also if it failed.
   * @throws PendingError after `timeoutMs`
   */
  waitForEvent(id: string, options?: WaitOptions): Promise<MemoryEvent>;
}

/** Memory in this process. */
export interface LocalMemory extends MemoryOperations, AsyncDisposable {
  /**
   * Waits up to 30 seconds for tasks of `process`, `processAsync` and `flush`, then ends the background work and frees the data
   * folder, within ten seconds. Turns that are not refined yet are refined after the next start, held ones when it is asked for. Safe to repeat. Calls after it reject with the code `closed`.
   */
  close(): Promise<void>;
}

/** Memory of a service that is called over HTTP. */
export interface MemoryClient extends MemoryOperations, AsyncDisposable {
  /** Ends the calls in progress. Calls after it reject with the code `closed`. */
  close(): Promise<void>;
}

export interface MemoryOptions extends ProcessingOptions {
  /** Folder of the data, created if missing; `.turnstone` by default. One process at a time may use it. */
  dataDir?: string | undefined;
  /** OpenAI, or a server with its API, to refine and embed. Without it the embedded models do, and no key is needed. */
  openai?: OpenAiOptions | undefined;
  /** Log level of standard error, `silent` by default. Log lines have ids and numbers, never texts. */
  log?: 'silent' | 'error' | 'warn' | 'info' | 'debug' | undefined;
}

export interface OpenAiOptions {
  apiKey?: string | undefined;
  /** URL with the version, such as `http://localhost:11434/v1`. */
  baseUrl?: string | undefined;
  /** Chat model. */
  model?: string | undefined;
  /** Embedding model; `embedded` keeps the embedded one. */
  embeddingModel?: string | undefined;
}

export interface ClientOptions extends ProcessingOptions {
  /** Address of the service, such as `http://127.0.0.1:3000`. */
  url: string;
  apiKey: string;
  /** Repeats of a request that got no answer, or 408, 429, 502, 503 or 504; 3 by default. */
  retries?: number | undefined;
  /** Longest wait for one answer in milliseconds, 60,000 by default. */
  requestTimeoutMs?: number | undefined;
  /** Function to use instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}
