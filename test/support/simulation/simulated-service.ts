import { listMemories } from '../../../shared/core/retrieval/list.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Entity } from '../../../shared/domain/memory/entities.ts';
import type { MemoryView } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { checkCommit } from './commit-checks.ts';
import type { CommitScope } from './commit-scope.ts';
import { createFaults, type FaultKind } from './faults.ts';
import { createHistory, type History } from './history.ts';
import { createLaggingIndex } from './lagging-index.ts';
import { createLossyQueue } from './lossy-queue.ts';
import { createMemoryTable } from './memory-table.ts';
import { createModelService } from './model-service.ts';
import { createSharedIds, type Mutation, type Shared } from './process.ts';
import { createRandom } from './random.ts';
import { checkReading } from './read-checks.ts';
import type { Scenario } from './scenario.ts';
import { type Actor, createScheduler } from './scheduler.ts';
import { createWebhookLog, type WebhookLog } from './webhook-log.ts';

export const project = 'p';
export const user = 'u';

/** One schedule’s service: what is shared, what was, and what was found wrong. */
export interface SimulatedService extends Shared {
  scenario: Scenario;
  history: History;
  webhooks: WebhookLog;
  /** What the checks look at. */
  seen: CommitScope;
  complaints: string[];
  complain(what: string): void;
  /** Worker processes that have work under way; the dead among them do not count. */
  busy: Set<Actor>;
}

const start = Date.UTC(2026, 2, 1, 12);

export const createSimulatedService = (
  seed: number,
  scenario: Scenario,
  mutation: Mutation,
): SimulatedService => {
  const random = createRandom(seed);
  const scheduler = createScheduler(random, scenario.pace, start);
  const faults = createFaults(random, scenario.faults);
  const history = createHistory();
  const complaints: string[] = [];
  const complain = (what: string): void => void complaints.push(what);
  const { step, now, acting } = scheduler;
  const count = (kind: FaultKind): number => faults.counts.get(kind) ?? 0;
  const troubles = (): number =>
    scheduler.leaps() + count('unavailable') + count('lostAnswer') + count('conflict');
  const webhooks = createWebhookLog({ now, step, acting, troubles });
  const table = createMemoryTable(scheduler.now, (writes) => {
    checkCommit(seen, writes);
    history.record(writes, scheduler.step());
    webhooks.record(writes);
  });
  const holders = new Map<string, Actor>();
  const { modelGiveUpHours } = scenario;
  const model = createModelService({ scheduler, faults, random });
  const seen = {
    model,
    modelGiveUpHours,
    history,
    webhooks,
    holders,
    troubles,
    step,
    now,
    acting,
    complain,
    table,
  };
  const queue = () => createLossyQueue({ scheduler, faults, random });
  return {
    scheduler,
    table,
    faults,
    random,
    ids: createSharedIds(scheduler, random, (id) => history.births.set(id, scheduler.step())),
    index: createLaggingIndex({ scheduler, faults, random, lag: scenario.lag }),
    turns: queue(),
    notifications: queue(),
    refineSchedule: scenario.refineSchedule,
    modelGiveUpHours,
    model,
    mutation,
    bug: (what) => complain(`an unforeseen error: ${what}`),
    scenario,
    history,
    webhooks,
    seen,
    complaints,
    complain,
    busy: new Set(),
  };
};

/** Reads all of an owner, one way or the other, and holds the answer against what was. */
export const read = async (
  service: SimulatedService,
  platform: Platform,
  owner: Entity,
  how: 'search' | 'list',
): Promise<readonly MemoryView[]> => {
  const from = service.scheduler.step();
  const filter = { entity: owner.kind, is: owner.id };
  const views =
    how === 'search'
      ? (
          await searchMemories(platform, project, {
            query: 'color',
            filter,
            topK: 500,
            threshold: 0,
          })
        ).memories
      : (await listMemories(platform, project, { filter, skip: 0, limit: 500 })).memories;
  const to = service.scheduler.step();
  checkReading(service.history, { how, owner, views, from, to }, service.complain);
  return views;
};
