import type { ChangeType } from '../domain/change.ts';
import type { Message, TurnOptions } from '../domain/turn.ts';

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

/** An answer that cannot be used is a value: the caller asks about fewer turns. */
export type Decision =
  | { ok: true; changes: ProposedChange[]; usage: Usage }
  | { ok: false; fault: 'refusal' | 'junk' | 'length'; detail: string; usage: Usage };

export interface LanguageModel {
  name: string;
  /** `basic`: rules, no language model. */
  quality: 'basic' | 'model';
  /** Turns and characters that fit one request. */
  batch: { turns: number; characters: number };
  /** @throws RetryableError (unreachable, rate limit, missing or refused key), TerminalError */
  decide(request: DecideRequest, signal: AbortSignal): Promise<Decision>;
}
