import { createDispatcherHandler } from '../../../functions/dispatcher/handler.ts';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import type { ModelAdmission } from '../../../shared/core/refine/model-admission.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { plainSecretBox } from '../fake-dispatch.ts';
import type { LossyQueue } from './lossy-queue.ts';
import { createProcess } from './process.ts';
import type { Actor } from './scheduler.ts';
import { createScriptedReceivers } from './scripted-receivers.ts';
import type { SimulatedService } from './simulated-service.ts';

const budgetMs = 60_000;
const shortBudgetMs = 3_000;

/** Model admission that other work sometimes occupies. */
const contendedModel = (
  { random, scenario }: SimulatedService,
  { clock }: Platform,
): ModelAdmission => {
  const isBusy = (): boolean => random.chance(scenario.contention);
  let isAdmitted = false;
  return {
    tryEnter() {
      isAdmitted ||= !isBusy();
      return isAdmitted;
    },
    async enter() {
      await clock.sleep(random.below(2_000));
      isAdmitted = !random.chance(scenario.contention / 10);
      return isAdmitted;
    },
    isContended: isBusy,
    async exit() {
      isAdmitted = false;
      return true;
    },
    mayRead: () => !isBusy(),
  };
};

/** Receives several hints at a time and handles them concurrently through the real handlers. */
export const runWorker = async (service: SimulatedService, actor: Actor): Promise<void> => {
  const { scheduler, turns, notifications, random, scenario, busyWorkers } = service;
  const platform = createProcess(service, actor);
  const work = createWorkerHandler(platform);
  const dispatch = createDispatcherHandler({
    ...platform,
    webhookClient: createScriptedReceivers(service, actor),
    secretBox: plainSecretBox,
  });

  const deliver = async (queue: LossyQueue, hint: Hint | undefined): Promise<void> => {
    if (!hint) return;
    const handle = queue === notifications ? dispatch : work;
    const ms = random.chance(scenario.shortBudgets) ? shortBudgetMs : budgetMs;
    const limits = {
      deadlineAt: scheduler.now() + ms,
      signal: new AbortController().signal,
      model: contendedModel(service, platform),
    };
    const records = { Records: [{ messageId: 'm', body: JSON.stringify(hint) }] };
    const { batchItemFailures } = await handle(records, limits);
    if (batchItemFailures.length > 0) queue.redeliver(hint);
  };

  for (;;) {
    await scheduler.until(actor, 'takes hints', () => turns.isReady() || notifications.isReady());
    const queues = [turns, random.chance(0.5) ? turns : notifications];
    for (let more = scenario.extraDispatches; more > 0; more--) queues.push(notifications);
    const received = queues.map((queue) => ({ queue, hint: queue.take() }));
    busyWorkers.add(actor);
    await Promise.all(received.map(({ queue, hint }) => deliver(queue, hint)));
    busyWorkers.delete(actor);
  }
};
