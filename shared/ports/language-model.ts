import type { ChangeType } from '../domain/memory/change.ts';
import type { Message, TurnOptions } from '../domain/memory/turn.ts';
import type { PartHealth } from './health.ts';

/** One turn to learn from. */
export interface DecideTurn {
  messages: readonly Message[];
  /** When it was said, ms since 1970. */
  observedAt: number;
  /** Who "I" is in user messages, when known by name. */
  options: TurnOptions;
}

export interface DecideRequest {
  /** Oldest first; each change names its turn by position. */
  turns: readonly DecideTurn[];
  /** Similar memories of the same scope, named by position. */
  memories: readonly { text: string; observedAt: number }[];
}

/** A change the model proposes. It may also target what an earlier turn of this request added (`{ change }`: its position in the answer). */
export interface ProposedChange {
  turn: number;
  type: ChangeType;
  target?: { memory: number } | { change: number };
  /** ADD, UPDATE: the whole new text. */
  text?: string;
  /** Position of the message it rests on, when known. */
  message?: number;
  categories?: string[];
  reason?: string;
}

export interface Usage {
  prompt: number;
  completion: number;
}

/** A request that brought no usable answer. */
export interface ModelFailure {
  /** Stable, `model_...`. */
  code: string;
  /** One sentence without words of the customer. */
  message: string;
  retryable: boolean;
  /** Pause that the server asked for. */
  retryAfterMs?: number;
  /**
   * `turn`: the model cannot use these turns; fewer or other turns may be answered. `service`: the failure says nothing
   * about the turns (rate limit, key, quota, unknown model, 5xx, timeout, no connection), and the plainest request met it.
   */
  about: 'turn' | 'service';
}

export type Decision =
  | {
      ok: true;
      changes: ProposedChange[];
      usage: Usage;
      /** Oldest turns that were decided, where the answer was cut off before the others: those are to be asked about again. */
      decided?: number;
    }
  | (ModelFailure & { ok: false; usage: Usage });

export type Probe =
  | { ok: true }
  | { ok: false; code: string; message: string; retryAfterMs?: number };

export interface LanguageModel {
  name: string;
  /** `basic`: rules, no language model. */
  quality: 'basic' | 'model';
  /** Turns and characters that fit one request. */
  batch: { turns: number; characters: number };
  /** Rejects with the signal's reason only: every failure of the model is a value. */
  decide(request: DecideRequest, signal: AbortSignal): Promise<Decision>;
  /** Asks whether the model answers at all, by a fixed tiny request without words of a customer. */
  probe(signal: AbortSignal): Promise<Probe>;
  health?(): PartHealth;
}
