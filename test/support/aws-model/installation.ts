import { createDispatcherHandler } from '../../../functions/dispatcher/handler.ts';
import { createLambdaBatchHandler } from '../../../functions/sqs-lambda.ts';
import { createSweeperHandler, sweepLimits } from '../../../functions/sweeper/handler.ts';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import { upkeepBatches, workerShares } from '../../../infra/worker-shares.ts';
import type { Attributes } from '../../../shared/adapters/dynamodb/attribute-value.ts';
import { createDynamoDbStore } from '../../../shared/adapters/dynamodb/store.ts';
import { createMemoryBlobs } from '../../../shared/adapters/memory-blobs/memory-blobs.ts';
import { createSqsQueue } from '../../../shared/adapters/sqs/queue.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import { type AcceptRequest, accept } from '../../../shared/core/accept.ts';
import { createCheckedStore } from '../../../shared/core/projects/checked-store.ts';
import { countWork } from '../../../shared/core/projects/count-work.ts';
import { createUsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import { createEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { noUsage } from '../../../shared/domain/usage.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { policyOf } from '../../../shared/platform/config-to-options.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { WebhookClient } from '../../../shared/ports/webhook-client.ts';
import { plainSecretBox } from '../../../shared/simulation/scripted-receivers.ts';
import { addedFact } from '../added-fact.ts';
import type { Assumptions } from './assumptions.ts';
import { createCapacity } from './capacity.ts';
import { connectQueue, createFunctions, type Environment } from './functions.ts';
import { createIndexService } from './index-service.ts';
import { createModelsService } from './models-service.ts';
import { createQueueService } from './queue-service.ts';
import { createTableItems } from './table-items.ts';
import { createTableService } from './table-service.ts';
import { createVectorsService } from './vectors-service.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

const project = 'proj_1';

const urls = { turns: 'turns', upkeep: 'upkeep', files: 'files', notifications: 'notifications' };
const sweepMs = 60_000;
const buckets = 16;

/** Log-normal spread of latencies: the slowest hundredth takes about twice the median. */
const sample = (medianMs: number): number => {
  const normal =
    Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return medianMs * Math.exp(0.3 * normal);
};

const notModelled = async (): Promise<never> => {
  throw new Error('attachments are not modelled');
};

/** Deliveries from the write that makes them to their POST. */
const createPostLog = (time: VirtualTime) => {
  const unsent = new Map<string, number>();
  const sent = new Set<string>();
  const delaysMs: number[] = [];
  let total = 0;
  return {
    sent,
    /** Number of deliveries that were made, sent or not. */
    made: () => sent.size + unsent.size,
    delaysMs,
    /** POSTs, repeated ones included. */
    total: () => total,
    /** Age of the oldest delivery without a POST, ms. */
    oldestUnsentMs: (): number => {
      const [oldest] = unsent.values();
      return oldest === undefined ? 0 : time.exact() - oldest;
    },
    recordDelivery(key: string): void {
      const [, , notification = ''] = (key.split('\n')[0] ?? '').split('#');
      if (!sent.has(notification) && !unsent.has(notification))
        unsent.set(notification, time.exact());
    },
    recordPost(notification: string): void {
      total += 1;
      const since = unsent.get(notification);
      unsent.delete(notification);
      sent.add(notification);
      if (since !== undefined) delaysMs.push(time.exact() - since);
    },
  };
};

/**
 * An installation on AWS in virtual time: the handlers of the functions, the core and the adapters of table and queues over modelled
 * services. Each environment of a function has a platform of its own.
 * @param stored entries that each namespace of Pinecone, or each index of S3 Vectors, has beforehand
 * @param vectorIndexes number of indexes of S3 Vectors; 0: the index is Pinecone
 */
export const openInstallation = (assumed: Assumptions, { stored = 0, vectorIndexes = 0 } = {}) => {
  const time = createVirtualTime();
  const items = createTableItems();
  const capacity = createCapacity(time.exact, assumed.table);
  const refinedMs: number[] = [];
  const posts = createPostLog(time);
  const warnings = new Map<string, number>();

  const onWrite = (key: string, after: Attributes | undefined): void => {
    if (key.includes('\nDELIVERY#')) posts.recordDelivery(key);
    const isRefined = key.endsWith('\nTURN') && after?.['state']?.S === 'applied';
    if (isRefined && !seen.has(key)) {
      seen.add(key);
      refinedMs.push(time.exact() - Number(after['createdAt']?.N));
    }
  };
  const seen = new Set<string>();

  const table = createTableService({
    items,
    capacity,
    sleep: time.sleep,
    sample,
    latencies: assumed.table,
    onWrite,
  });
  const queues = createQueueService(time, assumed.queue);
  const index =
    vectorIndexes > 0
      ? createVectorsService(time, assumed, { indexes: vectorIndexes, stored })
      : createIndexService(time, assumed, { buckets, stored });
  const models = createModelsService(time, assumed.model);
  const functions = createFunctions(time, assumed.functions);
  const policy = policyOf(readConfig({}));

  const receiver = ({ compute }: Environment): WebhookClient => ({
    check: async () => ({ ok: true }),
    async post({ headers }) {
      await compute(assumed.functions.postCpuMs);
      await time.sleep(sample(assumed.receiverMs));
      posts.recordPost(headers['webhook-id'] ?? '');
      return {
        status: 200,
        headers: {},
        bodyExcerpt: '',
        truncated: false,
        timings: {},
        remoteAddress: '192.0.2.1',
      };
    },
    close: async () => {},
  });

  const openPlatform = (environment: Environment): FullPlatform => {
    const { clock, compute } = environment;
    const ids = createIds(clock);
    const spend = (): Promise<void> => compute(assumed.functions.requestCpuMs);
    const telemetry: FullPlatform['telemetry'] = {
      log(level, event, fields) {
        if (level === 'debug' || level === 'info') return;
        const name = `${event} ${fields?.['code'] ?? ''}`;
        warnings.set(name, (warnings.get(name) ?? 0) + 1);
      },
    };
    const client = table.client(spend);
    const sqs = queues.client(spend);
    const store = createCheckedStore(
      createDynamoDbStore({ client, table: 'table', clock, ids, telemetry }),
    );
    return {
      store,
      turns: createSqsQueue({
        client: sqs,
        queueUrl: urls.turns,
        filesQueueUrl: urls.files,
        upkeepQueueUrl: urls.upkeep,
      }),
      notifications: createSqsQueue({ client: sqs, queueUrl: urls.notifications }),
      vectorIndex: index.open(store),
      languageModel: models.languageModel,
      embedder: models.embedder,
      blobs: createMemoryBlobs(),
      fileFetcher: { fetch: notModelled },
      documentReader: { read: notModelled },
      telemetry,
      clock,
      ids,
      policy,
      caches: { recordedEntities: new Set(), entryVectors: new Map() },
      webhookClient: receiver(environment),
      secretBox: plainSecretBox,
    };
  };

  const { sizes } = assumed;
  const add = functions.define({
    ...sizes.api,
    start: (environment) => {
      const platform = openPlatform(environment);
      const usage = createUsageMeter(platform);
      return async (request: AcceptRequest) => {
        await environment.compute(assumed.functions.apiCpuMs);
        const accepted = await accept(platform, project, request);
        usage.count({ project, key: 'key_1' }, { ...noUsage, adds: 1 });
        await usage.flushWhenDue();
        return accepted;
      };
    },
  });
  const addFact = functions.define({
    ...sizes.api,
    start: (environment) => {
      const { store, notifications, ids, clock } = openPlatform(environment);
      return async ({ memory, user }: { memory: string; user: string }) => {
        const about = { project, entities: { user }, order: ids.next(), createdAt: clock.now() };
        const { step, hint } = addedFact(memory, about);
        await store.transact([step]);
        await notifications.send([hint]);
      };
    },
  });
  const consumer = (create: typeof createWorkerHandler) => (environment: Environment) => {
    const platform = openPlatform(environment);
    const usage = createUsageMeter(platform);
    const counted = { ...platform, telemetry: countWork(usage, platform.telemetry) };
    const handle = createLambdaBatchHandler(platform, create(counted), usage);
    return (batch: Parameters<typeof handle>[0], remainingMs: () => number) =>
      handle(batch, { getRemainingTimeInMillis: remainingMs });
  };
  const invokeWorker = functions.define({ ...sizes.worker, start: consumer(createWorkerHandler) });
  const invokeDispatcher = functions.define({
    ...sizes.dispatcher,
    start: consumer((platform) => createDispatcherHandler(platform as FullPlatform)),
  });
  const consume = (
    url: string,
    size: typeof sizes.worker,
    invoke: typeof invokeWorker,
    batches = { maxBatch: assumed.queue.maxBatch, windowMs: 0 },
  ) => connectQueue(time, queues.queue(url), queues, size, batches, invoke);
  const { turns, upkeep } = workerShares(sizes.worker.maxConcurrency);
  consume(urls.turns, { ...sizes.worker, maxConcurrency: turns }, invokeWorker);
  const upkeepBatch = { maxBatch: upkeepBatches.size, windowMs: upkeepBatches.windowMs };
  consume(urls.upkeep, { ...sizes.worker, maxConcurrency: upkeep }, invokeWorker, upkeepBatch);
  consume(urls.notifications, sizes.dispatcher, invokeDispatcher);
  const sweepOnce = functions.define({
    ...sizes.sweeper,
    start: (environment) => {
      const sweep = createSweeperHandler(openPlatform(environment), sweepLimits);
      return async (_: undefined) => sweep();
    },
  });
  const sweeps: { at: number; hints: number }[] = [];
  const scheduleSweep = (at: number): void =>
    time.at(at, () => {
      scheduleSweep(at + sweepMs);
      const began = time.exact();
      void sweepOnce(undefined).then(({ hints }) => void sweeps.push({ at: began, hints }));
    });
  scheduleSweep(time.exact() + sweepMs);

  /** A platform of a process that is not modelled. */
  const outside = () => openPlatform({ clock: time, compute: async () => {} });

  return {
    time,
    project,
    outside,
    items,
    capacity,
    table,
    queues,
    index,
    models,
    functions,
    refinedMs,
    posts,
    warnings,
    sweeps,
    add,
    /** Writes the outbox of a new memory, and hints at it, as an applied turn does. */
    addFact,
    /** Registers an endpoint for all events. */
    async registerEndpoint(maxInFlight: number): Promise<void> {
      const created = await createEndpoint(outside(), project, {
        url: 'https://example.com/',
        maxInFlight,
      });
      if (created.outcome !== 'created') throw new Error(JSON.stringify(created));
    },
    /** How long the item that is due longest has been due, ms. */
    oldestDueMs: (): number => Math.max(0, time.exact() - (items.earliestDue() ?? time.exact())),
  };
};

export type Installation = ReturnType<typeof openInstallation>;
