import type { Clock } from './clock.ts';
import type { Embedder } from './embedder.ts';
import type { Ids } from './ids.ts';
import type { LanguageModel } from './language-model.ts';
import type { Queue } from './queue.ts';
import type { Store } from './store.ts';
import type { Telemetry } from './telemetry.ts';
import type { VectorIndex } from './vector-index.ts';

/** Numbers the operator may choose. */
export interface Policy {
  /** Seconds between tries of a refinement; its length is the budget. */
  refineSchedule: readonly number[];
  /** Days a final event can be looked up; 0: for good. */
  retainEventsDays: number;
  /** Days the text of an applied turn is kept; 0: for good. */
  retainTurnsDays: number;
}

/** Everything the verbs need from the world. */
export interface Platform {
  store: Store;
  /** Hints to the worker. */
  turns: Queue;
  /** Hints to the dispatcher. */
  notifications: Queue;
  vectorIndex: VectorIndex;
  languageModel: LanguageModel;
  embedder: Embedder;
  telemetry: Telemetry;
  clock: Clock;
  ids: Ids;
  policy: Policy;
}
