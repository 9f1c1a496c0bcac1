import type { ObjectShape } from '../domain/derived/shape.ts';
import type { Shaped } from '../domain/derived/shaped-value.ts';
import type { ChangeType } from '../domain/memory/change.ts';
import type { TextDescription } from '../domain/memory/description.ts';
import type { Entity } from '../domain/memory/entities.ts';
import type { Message, Metadata } from '../domain/memory/turn.ts';
import type { EffectiveOptions, ModelOption } from '../domain/project-settings.ts';
import type { PartHealth } from './health.ts';

/** A turn as the model is shown it. */
export interface DecideTurn {
  messages: readonly Message[];
  /** When the conversation took place, ms since 1970; a message with a `saidAt` has its own time. */
  observedAt: number;
  options: EffectiveOptions;
  /** Messages that were said before it in the same conversation, oldest first: context, from which nothing is learnt. */
  earlier?: readonly Message[];
  /**
   * Title of the document that the message is a piece of, for a `basic` model only. The model proposes the piece word for word after its
   * title (`verbatim`), unless its statements say all of it. The title itself states nothing.
   */
  document?: string;
  /** Whether the message is a piece of an attached document, whose words take no memory back. */
  attached?: true;
}

export interface DecideRequest {
  /** Oldest first; a change names its turn by position. */
  turns: readonly DecideTurn[];
  /** Related memories of the same scope; a change names its target by position. */
  memories: readonly { text: string; observedAt: number }[];
  /** Entity that the memories are about. */
  owner?: Entity;
}

/** A change that the model proposes. */
export interface ProposedChange extends TextDescription {
  turn: number;
  type: ChangeType;
  /** A memory of the request, or the result of an earlier change of the answer, each by position. */
  target?: { memory: number } | { change: number };
  /** The whole new text, of ADD and UPDATE. */
  text?: string;
  /** Position of the message that the text was drawn from, when known. */
  message?: number;
  /** The model says that the text has no date of its own, such as that of a habit, though it may name one. */
  undated?: true;
  /** The text is a piece of a document, or a statement that the model could not read, kept word for word. */
  verbatim?: true;
  categories?: string[];
  /** Of a new text: data by the schema of its turn. */
  structuredData?: Metadata;
  reason?: string;
  /** Of a NONE: the attachment of the turn, from 0, that the reason is about. */
  part?: number;
}

/** Tokens of a request. */
export interface Usage {
  prompt: number;
  completion: number;
}

/** A request without a usable answer. */
export interface ModelFailure {
  /** Stable error code, `model_...`. */
  code: string;
  /** A sentence without any text of the customer. */
  message: string;
  retryable: boolean;
  /** Pause requested by the server (Retry-After). */
  retryAfterMs?: number;
  /**
   * `turn`: the model cannot handle these turns, but perhaps fewer or others. `service`: the failure says nothing about
   * the turns (rate limit, key, quota, unknown model, 5xx, timeout, no connection), and the simplest form of the request
   * failed, too.
   */
  about: 'turn' | 'service';
}

export type Decision =
  | {
      ok: true;
      changes: ProposedChange[];
      usage: Usage;
      /** Number of oldest turns that a truncated answer covers; the other turns have to be asked about again. */
      decided?: number;
    }
  | (ModelFailure & { ok: false; usage: Usage });

/** Asks for an object of a shape that says what the memories say. */
export interface FillRequest {
  shape: ObjectShape;
  /** Use of the object, in one sentence. */
  purpose: string;
  /** Instructions of the customer. */
  instructions?: string;
  /** Newest first. */
  memories: readonly { text: string; observedAt: number; categories: readonly string[] }[];
}

export type Filled =
  | { ok: true; value: Shaped; usage: Usage }
  | (ModelFailure & { ok: false; usage: Usage });

/** A conversation for the model to continue. */
export interface ChatRequest {
  messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[];
  /** Most tokens of the answer. */
  maxTokens: number;
  /** Absent: that of the model. Models that take none get none. */
  temperature?: number;
  topP?: number;
}

export type ChatAnswer =
  | { ok: true; text: string; usage: Usage }
  | (ModelFailure & { ok: false; usage: Usage });

/** An image to describe. */
export interface ImageFile {
  bytes: Uint8Array;
  mediaType: string;
}

/** A text of a few sentences on the contents of an image. */
export type Description =
  | { ok: true; text: string; usage: Usage }
  | (ModelFailure & { ok: false; usage: Usage });

export type Probe =
  | { ok: true }
  | { ok: false; code: string; message: string; retryAfterMs?: number };

export interface LanguageModel {
  name: string;
  /** Version of the prompt and of the schema of answers, for events; absent for rules. */
  promptVersion?: string;
  /** `basic`: a rule-based extractor. */
  quality: 'basic' | 'model';
  /** Names those of the given options that the model does not follow; a model without this method follows all. */
  ignores?(options: EffectiveOptions): ModelOption[];
  /** Most turns and characters per request. */
  batch: { turns: number; characters: number };
  /** Asks for changes. Rejects only with the signal's reason: every failure of the model is a value. */
  decide(request: DecideRequest, signal: AbortSignal): Promise<Decision>;
  /**
   * Fills an object from memories. Absent: the model cannot, and rules are used instead. Rejects only with the signal's reason:
   * every failure of the model is a value.
   */
  fill?(request: FillRequest, signal: AbortSignal): Promise<Filled>;
  /**
   * Continues a conversation; absent where the model cannot. Rejects only with the signal's reason: every failure of the model is a
   * value.
   * @param onText takes each part of the answer as soon as it is there; a failure may follow
   */
  chat?(
    request: ChatRequest,
    signal: AbortSignal,
    onText?: (part: string) => void,
  ): Promise<ChatAnswer>;
  /**
   * Describes an image; absent where the model cannot. Rejects only with the signal's reason: every failure of the model is a value.
   */
  describeImage?(image: ImageFile, signal: AbortSignal): Promise<Description>;
  /** Tests whether the model answers at all, by a fixed tiny request without any text of a customer. */
  probe(signal: AbortSignal): Promise<Probe>;
  health?(): PartHealth;
}
