import type { QuotaKind } from '../domain/table/items.ts';
import type { Clock } from './clock.ts';
import type { Embedder } from './embedder.ts';
import type { Ids } from './ids.ts';
import type { LanguageModel } from './language-model.ts';
import type { WebhookClient } from './outbound.ts';
import type { Queue } from './queue.ts';
import type { SecretBox } from './secret-box.ts';
import type { Store } from './store.ts';
import type { Telemetry } from './telemetry.ts';
import type { VectorIndex } from './vector-index.ts';

/** Numbers the operator may choose. */
export interface Policy {
  /** Seconds between tries of a refinement; its length is the budget. */
  refineSchedule: readonly number[];
  /** Hours that a turn may wait for a language model that cannot be used. */
  modelGiveUpHours: number;
  /** Seconds before each attempt of a delivery; its length is the budget. */
  webhookSchedule: readonly number[];
  /** Within which an attempt is over, whatever the receiver does. */
  webhookTimeoutMs: number;
  /** Days that notifications, deliveries and attempts are kept. */
  retainDeliveriesDays: number;
  /** Days a final event can be looked up; 0: for good. */
  retainEventsDays: number;
  /** Days the text of an applied turn is kept; 0: for good. */
  retainTurnsDays: number;
  /** How many of each a project may have. */
  quotas: { readonly [kind in QuotaKind]: number };
}

/** Everything that remembering, recalling and forgetting need from the world. */
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

/** What suffices behind the scenes: nothing there searches, and no model is asked. */
export type CorePlatform = Omit<Platform, 'vectorIndex' | 'languageModel' | 'embedder'>;

/** What it takes to call customers. */
export interface WebhookPlatform extends CorePlatform {
  /** The way out to customers' URLs. */
  outbound: WebhookClient;
  /** What keeps webhook secrets. */
  secretBox: SecretBox;
}

/** A platform on which everything can be done. */
export type FullPlatform = Platform & WebhookPlatform;
