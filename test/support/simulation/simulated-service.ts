import { listMemories } from '../../../shared/core/retrieval/list.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Entity } from '../../../shared/domain/memory/entities.ts';
import type { MemoryView } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { CheckContext } from './check-context.ts';
import { checkCommit } from './commit-checks.ts';
import { createFaults, type FaultKind } from './faults.ts';
import { createHistory, type History } from './history.ts';
import { createLaggingIndex } from './lagging-index.ts';
import { createLossyQueue } from './lossy-queue.ts';
import { createMemoryTable } from './memory-table.ts';
import { createModelService } from './model-service.ts';
import { createSharedIds, type Mutation, type Shared } from './process.ts';
import { createProcessingLog, type ProcessingLog } from './processing-log.ts';
import { createRandom } from './random.ts';
import { checkRead } from './read-checks.ts';
import type { Scenario } from './scenario-defaults.ts';
import { type Actor, createScheduler } from './scheduler.ts';
import { createWebhookLog, type WebhookLog } from './webhook-log.ts';

export const project = 'p';
export const user = 'u';

/** Service of one schedule: shared infrastructure, recorded history and violations. */
export interface SimulatedService extends Shared {
  scenario: Scenario;
  history: History;
  webhooks: WebhookLog;
  processing: ProcessingLog;
  /** Context of the checks. */
  checkContext: CheckContext;
  violations: string[];
  report(what: string): void;
  /** Workers that handle hints now. Dead workers stay in the set and do not count. */
  busyWorkers: Set<Actor>;
}

const start = Date.UTC(2026, 2, 1, 12);

export const createSimulatedService = (
  seed: number,
  scenario: Scenario,
  mutation: Mutation,
): SimulatedService => {
  const random = createRandom(seed);
  const scheduler = createScheduler(random, scenario.rates, start);
  const faults = createFaults(random, scenario.faults);
  const history = createHistory();
  const violations: string[] = [];
  const report = (what: string): void => void violations.push(what);
  const { step, now, currentActor } = scheduler;
  const count = (kind: FaultKind): number => faults.counts.get(kind) ?? 0;
  const disruptions = (): number =>
    scheduler.clockJumpCount() + count('unavailable') + count('lostResponse') + count('conflict');
  const webhooks = createWebhookLog({ now, step, currentActor, disruptions });
  const processing = createProcessingLog(history, now, report);
  const table = createMemoryTable(scheduler.now, (writes) => {
    checkCommit(checkContext, writes);
    history.record(writes, scheduler.step());
    webhooks.record(writes);
    processing.record(writes);
  });
  const leaseHolders = new Map<string, Actor>();
  const { modelGiveUpHours } = scenario;
  const model = createModelService({ scheduler, faults, random });
  const checkContext = {
    model,
    modelGiveUpHours,
    history,
    webhooks,
    leaseHolders,
    disruptions,
    step,
    now,
    currentActor,
    report,
    table,
  };
  const queue = () => createLossyQueue({ scheduler, faults, random });
  return {
    scheduler,
    table,
    faults,
    random,
    ids: createSharedIds(scheduler, random, (id) => history.idCreatedAt.set(id, scheduler.step())),
    index: createLaggingIndex({ scheduler, faults, random, table, lag: scenario.indexLag }),
    turns: queue(),
    notifications: queue(),
    refineSchedule: scenario.refineSchedule,
    modelGiveUpHours,
    model,
    mutation,
    reportBug: (what) => report(`an unexpected error: ${what}`),
    scenario,
    history,
    webhooks,
    processing,
    checkContext,
    violations,
    report,
    busyWorkers: new Set(),
  };
};

/** Reads all memories of an owner and checks the response against the history. */
export const readAndCheck = async (
  service: SimulatedService,
  platform: Platform,
  owner: Entity,
  method: 'search' | 'list',
): Promise<readonly MemoryView[]> => {
  const from = service.scheduler.step();
  const filter = { entity: owner.kind, is: owner.id };
  const views =
    method === 'search'
      ? (
          await searchMemories(platform, project, {
            query: 'color',
            filter,
            topK: 500,
            threshold: 0,
            fills: true,
          })
        ).memories
      : (await listMemories(platform, project, { filter, skip: 0, limit: 500 })).memories;
  const to = service.scheduler.step();
  checkRead(service.history, { method, owner, views, from, to }, service.report);
  return views;
};
