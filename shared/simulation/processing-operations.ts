import { requestProcessing } from '../core/processing/request-processing.ts';
import { cancelTask, waitForTask } from '../core/processing/tasks.ts';
import { type Hold, holdOf } from '../domain/processing.ts';
import { scopeTasksKey } from '../domain/table/processing-keys.ts';
import type { Platform } from '../ports/platform.ts';
import type { ClientRun } from './client-run.ts';
import { project, type SimulatedService, user } from './simulated-service.ts';

const entity = { kind: 'user', id: user } as const;
const scope = `user#${user}`;

/** Hold of an add of so many messages, in scenarios where turns may wait. */
export const randomHold = (
  { random, scenario, scheduler }: SimulatedService,
  messages: number,
): { hold?: Hold } => {
  if (scenario.holds === 0 || !random.chance(scenario.holds)) return {};
  const settings = random.pick([
    { autoProcess: false },
    { batchThreshold: 3 },
    { batchThreshold: 4, idleSeconds: 60 },
  ]);
  const hold = holdOf(settings, messages, scheduler.now());
  return hold ? { hold } : {};
};

/** Asks for processing, and checks that the task covers every turn that was acknowledged before. */
export const requestAll = async (
  service: SimulatedService,
  platform: Platform,
  releases: boolean,
): Promise<string | undefined> => {
  const acknowledged = [...service.history.turns.values()]
    .filter(({ turn, ackedAt }) => turn.scope === scope && ackedAt !== undefined)
    .map(({ turn }) => turn.id);
  const result = await requestProcessing(platform, project, entity, { releases });
  if (result.outcome !== 'accepted') return undefined;
  if (releases) service.processing.checkCovers(result.task, acknowledged);
  return result.task;
};

export const processUser = async ({ service, platform }: ClientRun): Promise<void> => {
  const { random } = service;
  const task = await requestAll(service, platform, random.chance(0.8));
  if (task !== undefined && random.chance(0.5))
    await waitForTask(platform, project, task, random.below(2_000));
};

export const cancelOneTask = async ({ service, platform }: ClientRun): Promise<void> => {
  const open = service.table.get(scopeTasksKey(project, scope))?.open ?? [];
  if (open.length > 0) await cancelTask(platform, project, service.random.pick(open).id);
};
