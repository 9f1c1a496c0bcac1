import { createDispatcherHandler } from '../../../functions/dispatcher/handler.ts';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { deafOutbound, plainSecretBox } from '../plain-dispatch.ts';
import { createProcess } from './process.ts';
import type { Actor } from './scheduler.ts';
import type { World } from './world.ts';

const budgetMs = 60_000;
const shortBudgetMs = 3_000;

/** Takes hints, two at a time, and does what they ask for through the real handlers. */
export const runWorker = async (world: World, actor: Actor): Promise<void> => {
  const { scheduler, turns, notifications, random, scenario, busy } = world;
  const platform = createProcess(world, actor);
  const work = createWorkerHandler(platform);
  const dispatch = createDispatcherHandler({
    ...platform,
    outbound: deafOutbound,
    secretBox: plainSecretBox,
  });

  const deliver = async (hint: Hint): Promise<void> => {
    const queue = hint.kind === 'outbox' ? notifications : turns;
    const handle = hint.kind === 'outbox' ? dispatch : work;
    const ms = random.chance(scenario.shortBudgets) ? shortBudgetMs : budgetMs;
    const limits = { deadlineAt: scheduler.now() + ms, signal: new AbortController().signal };
    const records = { Records: [{ messageId: 'm', body: JSON.stringify(hint) }] };
    const { batchItemFailures } = await handle(records, limits);
    if (batchItemFailures.length > 0) queue.putBack(hint);
  };

  for (;;) {
    await scheduler.until(actor, 'takes hints', () => turns.isReady() || notifications.isReady());
    const hints = [turns.take(), random.chance(0.5) ? turns.take() : notifications.take()];
    busy.add(actor);
    await Promise.all(hints.flatMap((hint) => (hint ? [deliver(hint)] : [])));
    busy.delete(actor);
  }
};
