import type { History } from './history.ts';
import type { MemoryTable } from './memory-table.ts';
import type { ModelService } from './model-service.ts';
import type { Actor } from './scheduler.ts';
import type { WebhookLog } from './webhook-log.ts';

/** Guarantees that the checks prove, by name. */
export type Invariant =
  | 'reads'
  | 'facts'
  | 'answers'
  | 'repeats'
  | 'versions'
  | 'erasure'
  | 'leases'
  | 'states'
  | 'model'
  | 'webhooks'
  | 'end';

/** Read access of the checks to the simulated service. */
export interface CheckContext {
  table: MemoryTable;
  history: History;
  webhooks: WebhookLog;
  /** Number of disruptions so far that can keep a finished attempt from being recorded. */
  disruptions(): number;
  /** Actor that claimed each lease, by the lease's token. */
  leaseHolders: Map<string, Actor>;
  step(): number;
  now(): number;
  /** Actor that commits the transaction. */
  currentActor(): Actor | undefined;
  model: ModelService;
  modelGiveUpHours: number;
  report(what: string): void;
  /** Runs the check of an invariant: reports within the check are violations of it, and all other reports violations of `answers`. */
  during(invariant: Invariant, check: () => void): void;
}
