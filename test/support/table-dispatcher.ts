import { expect } from 'vitest';
import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import type { HintHandler } from '../../functions/queue-handler.ts';
import { sweep } from '../../shared/core/sweep.ts';
import type { EndpointRequest } from '../../shared/core/webhooks/endpoint-request.ts';
import { createEndpoint } from '../../shared/core/webhooks/endpoints.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import { listDeliveries } from '../../shared/core/webhooks/list-deliveries.ts';
import type { Delivery, DeliveryStatus } from '../../shared/domain/webhooks/delivery.ts';
import type { Endpoint } from '../../shared/domain/webhooks/endpoint.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Store } from '../../shared/ports/store.ts';
import { addedFact } from './added-fact.ts';
import { plainEmbedder, plainLanguageModel } from './fake-models.ts';
import { createHintLog } from './hint-log.ts';
import { interceptStore } from './intercepted-store.ts';
import { createJumpClock } from './jump-clock.ts';
import { createScriptedReceiver } from './scripted-receiver.ts';

export const project = 'proj_1';
export const clock = createJumpClock();

/** Performs hints as one batch; returns the failed ones. */
export const failuresOf = async (handle: HintHandler, hints: readonly Hint[]) => {
  const Records = hints.map((hint, i) => ({ messageId: `m${i}`, body: JSON.stringify(hint) }));
  const limits = { deadlineAt: clock.now() + 600_000, signal: new AbortController().signal };
  return (await handle({ Records }, limits)).batchItemFailures;
};

/** A dispatcher on the table; a test decides when its queue is emptied. */
export const openDispatcher = (table: Store) => {
  let largest = 0;
  const local = createLocalPlatform({
    path: ':memory:',
    clock,
    languageModel: plainLanguageModel,
    embedder: plainEmbedder,
    telemetry: { log: () => {} },
    webhookSchedule: [0, 5],
  });
  const store = interceptStore(table, {
    before: ({ steps }) => {
      largest = Math.max(largest, steps.length);
    },
  });
  const receiver = createScriptedReceiver(clock);
  const hints = createHintLog(clock);
  const bare: FullPlatform = {
    ...local,
    store,
    notifications: hints,
    webhookClient: receiver.webhookClient,
  };
  const platform = { ...bare, limiterStore: createLimiterStore(bare) };
  const handle = createDispatcherHandler(bare, platform.limiterStore);

  const perform = async (hints: readonly Hint[]): Promise<void> =>
    expect(await failuresOf(handle, hints)).toEqual([]);
  const takeAll = (): Hint[] => {
    const hint = hints.take();
    return hint ? [hint, ...takeAll()] : [];
  };

  return {
    platform,
    receiver,
    close: local.close,
    perform,
    takeAll,
    /** Steps of the largest transaction. */
    largestTransaction: () => largest,
    /** Performs all hints concurrently until none is left. */
    async work(): Promise<void> {
      for (let taken = takeAll(); taken.length > 0; taken = takeAll()) await perform(taken);
    },
    async later(ms: number): Promise<void> {
      clock.jump(ms);
      await sweep(platform);
      await this.work();
    },
    async endpoint(request: Partial<EndpointRequest> = {}): Promise<Endpoint> {
      const settings = { url: `https://example.com/${clock.now()}`, ...request };
      const created = await createEndpoint(platform, project, settings);
      if (created.outcome !== 'created') throw new Error(JSON.stringify(created));
      return created.endpoint;
    },
    /** Writes the outboxes of new memories of a user, and hints at them. */
    async facts(count: number, user: string): Promise<string[]> {
      const createdAt = clock.now();
      const memories = Array.from({ length: count }, (_, i) => `${user}-${createdAt}-${i}`);
      const about = { project, entities: { user }, createdAt };
      const made = memories.map((memory) =>
        addedFact(memory, { ...about, order: platform.ids.next() }),
      );
      for (const { step } of made) await table.transact([step]);
      return hints.send(made.map(({ hint }) => hint)).then(() => memories);
    },
    async deliveries({ id }: Endpoint, status?: DeliveryStatus): Promise<Delivery[]> {
      const asked = { limit: 1_000, ...(status === undefined ? {} : { status }) };
      const listed = await listDeliveries(platform, project, id, asked);
      if (typeof listed === 'string') throw new Error(listed);
      return listed.deliveries;
    },
  };
};
