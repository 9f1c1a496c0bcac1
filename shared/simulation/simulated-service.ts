import { listMemories } from '../core/retrieval/list.ts';
import { searchMemories } from '../core/retrieval/search.ts';
import type { Entity } from '../domain/memory/entities.ts';
import type { Platform } from '../ports/platform.ts';
import type { CheckContext, Invariant } from './check-context.ts';
import { checkCommit } from './commit-checks.ts';
import { createFaults, type FaultKind } from './faults.ts';
import { createHistory, type History } from './history.ts';
import { createLaggingIndex } from './lagging-index.ts';
import { createLossyQueue } from './lossy-queue.ts';
import { createMemoryTable, type Write } from './memory-table.ts';
import { createModelService } from './model-service.ts';
import { createSharedIds, type Mutation, type Shared } from './process.ts';
import { createProcessingLog, type ProcessingLog } from './processing-log.ts';
import { createRandom } from './random.ts';
import { checkRead, type ReadRecord } from './read-checks.ts';
import type { Scenario } from './scenario-defaults.ts';
import { type Actor, createScheduler, type TraceEntry } from './scheduler.ts';
import { createWebhookLog, type WebhookLog } from './webhook-log.ts';

export const project = 'p';
export const user = 'u';

/** Watches a schedule. All functions are called within steps and must not change the service. */
export interface Observer {
  step?(entry: TraceEntry): void;
  /** A transaction committed in the present step. */
  wrote?(writes: readonly Write[]): void;
  fault?(kind: FaultKind): void;
  /** The check of an invariant ended. */
  checked?(invariant: Invariant): void;
  violated?(invariant: Invariant, what: string): void;
  /** A client or a reader got an answer. */
  read?(record: ReadRecord): void;
}

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
  observer: Observer;
}

const start = Date.UTC(2026, 2, 1, 12);

export const createSimulatedService = (
  seed: number,
  scenario: Scenario,
  mutation: Mutation,
  observer: Observer,
): SimulatedService => {
  const random = createRandom(seed);
  const scheduler = createScheduler(random, scenario.rates, start, (entry) =>
    observer.step?.(entry),
  );
  const faults = createFaults(random, scenario.faults, (kind) => observer.fault?.(kind));
  const history = createHistory();
  const violations: string[] = [];
  let checking: Invariant = 'answers';
  const report = (what: string): void => {
    violations.push(what);
    observer.violated?.(checking, what);
  };
  const during: CheckContext['during'] = (invariant, check) => {
    checking = invariant;
    check();
    checking = 'answers';
    observer.checked?.(invariant);
  };
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
    observer.wrote?.(writes);
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
    during,
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
    observer,
  };
};

/** Reads all memories of an owner and checks the response against the history. */
export const readAndCheck = async (
  service: SimulatedService,
  platform: Platform,
  owner: Entity,
  method: 'search' | 'list',
): Promise<ReadRecord['views']> => {
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
  const record: ReadRecord = { method, owner, views, from, to };
  service.checkContext.during('reads', () => checkRead(service.history, record, service.report));
  service.observer.read?.(record);
  return views;
};
