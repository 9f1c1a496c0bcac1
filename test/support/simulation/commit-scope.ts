import type { History } from './history.ts';
import type { MemoryTable } from './memory-table.ts';
import type { ModelService } from './model-service.ts';
import type { Actor } from './scheduler.ts';
import type { WebhookLog } from './webhook-log.ts';

/** What the checks of a transaction look at. */
export interface CommitScope {
  table: MemoryTable;
  history: History;
  webhooks: WebhookLog;
  /** How often something went wrong so far that may keep work from being recorded. */
  troubles(): number;
  /** Who claimed each lease, by its token. */
  holders: Map<string, Actor>;
  step(): number;
  now(): number;
  /** Whose call the transaction is. */
  acting(): Actor | undefined;
  model: ModelService;
  modelGiveUpHours: number;
  complain(what: string): void;
}
