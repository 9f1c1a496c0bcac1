import type { ModelAdmission } from '../core/refine/model-admission.ts';
import type { RefineLimits } from '../core/refine/refine.ts';
import type { Platform, WebhookPlatform } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';
import type { LossyQueue } from './lossy-queue.ts';
import { createProcess } from './process.ts';
import type { Actor } from './scheduler.ts';
import { createScriptedReceivers, plainSecretBox } from './scripted-receivers.ts';
import type { SimulatedService } from './simulated-service.ts';

/** Handles a batch of hints, as a consumer of a queue does. */
type HintHandler = (
  batch: { Records: readonly { messageId: string; body: string }[] },
  limits: RefineLimits & { model: ModelAdmission },
) => Promise<{ batchItemFailures: readonly unknown[] }>;

/** Makes the handlers of a worker process, those of the product. */
export interface Handlers {
  turns(platform: Platform): HintHandler;
  notifications(platform: WebhookPlatform): HintHandler;
}

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
export const runWorker = async (
  service: SimulatedService,
  actor: Actor,
  handlers: Handlers,
): Promise<void> => {
  const { scheduler, turns, notifications, random, scenario, busyWorkers } = service;
  const platform = createProcess(service, actor);
  const work = handlers.turns(platform);
  const dispatch = handlers.notifications({
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
