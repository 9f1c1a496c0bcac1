import { createMemoryBlobs } from '../adapters/memory-blobs/memory-blobs.ts';
import { uuidV7Factory } from '../domain/ids.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { Ids } from '../ports/ids.ts';
import type { Platform } from '../ports/platform.ts';
import type { LogFields, Telemetry } from '../ports/telemetry.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import { factsIn, topics } from './fact-language.ts';
import { type Faults, unavailable } from './faults.ts';
import { createFaultyStore, type Rewrite } from './faulty-store.ts';
import type { LaggingIndex } from './lagging-index.ts';
import type { LossyQueue } from './lossy-queue.ts';
import type { MemoryTable } from './memory-table.ts';
import type { ModelService } from './model-service.ts';
import type { Random } from './random.ts';
import type { Actor, Scheduler } from './scheduler.ts';
import { createScriptedModel } from './scripted-model.ts';

/** Simulated infrastructure that all processes share. */
export interface Shared {
  scheduler: Scheduler;
  table: MemoryTable;
  faults: Faults;
  random: Random;
  ids: Ids;
  index: LaggingIndex;
  turns: LossyQueue;
  notifications: LossyQueue;
  model: ModelService;
  refineSchedule: readonly number[];
  modelGiveUpHours: number;
  mutation: Mutation;
  /** Reports an unexpected error as a violation. */
  reportBug(what: string): void;
}

/** Deliberate defect of the protocol (mutation testing). */
export interface Mutation {
  rewrite?: Rewrite;
  /** Wraps the platform of a process. */
  platform?: (platform: Platform, actor: Actor) => Platform;
}

/** @param onId called with every generated id */
export const createSharedIds = (
  scheduler: Scheduler,
  random: Random,
  onId: (id: string) => void,
): Ids => {
  const bytes = (n: number): Uint8Array => Uint8Array.from({ length: n }, () => random.below(256));
  const make = uuidV7Factory(scheduler.now, bytes);
  return {
    next() {
      const id = make();
      onId(id);
      return id;
    },
    secret: (n) => Buffer.from(bytes(n)).toString('hex'),
    random: random.next,
  };
};

/** Unit vector with one dimension per topic, whatever the values, and one dimension for small talk. */
export const vectorOf = (text: string): Float32Array => {
  const mentioned = new Set(factsIn(text).map(({ topic }) => topic));
  const parts = topics.map((topic) => Number(mentioned.has(topic)));
  parts.push(Number(!parts.includes(1)));
  const length = Math.hypot(...parts);
  return Float32Array.from(parts, (part) => part / length);
};

const createEmbedder = ({ scheduler, faults }: Shared, actor: Actor): Embedder => ({
  model: 'one-hot',
  embed: (texts) =>
    scheduler.call(
      actor,
      () => `embed ${texts.length}`,
      () => {
        if (faults.happens('embedderUnavailable')) throw unavailable('embedder');
        return texts.map(vectorOf);
      },
    ),
});

const isUnexpected = (event: string, fields: LogFields | undefined): boolean =>
  event === 'hint.failed' && fields?.['code'] === 'internal';

const createTelemetry = ({ reportBug }: Shared): Telemetry => ({
  log(_, event, fields) {
    if (isUnexpected(event, fields)) reportBug(`${fields?.['name']} ${fields?.['where']}`);
  },
});

/** Turns of the simulation have no attachments. */
const unread = async (): Promise<never> => {
  throw new Error('a turn of the simulation has an attachment');
};

/** Platform of one process. State in memory is lost when the actor crashes. */
export const createProcess = (shared: Shared, actor: Actor): Platform => {
  const { scheduler, index, turns, notifications, mutation } = shared;
  const vectorIndex: VectorIndex = index.forActor(actor);
  const platform: Platform = {
    store: createFaultyStore(shared, actor, mutation.rewrite ?? ((steps) => steps)),
    turns: turns.forActor(actor),
    notifications: notifications.forActor(actor),
    vectorIndex,
    languageModel: createScriptedModel(shared, actor),
    embedder: createEmbedder(shared, actor),
    blobs: createMemoryBlobs(),
    fileFetcher: { fetch: unread },
    documentReader: { read: unread },
    telemetry: createTelemetry(shared),
    clock: { now: scheduler.now, sleep: (ms, signal) => scheduler.sleep(actor, ms, signal) },
    ids: shared.ids,
    policy: {
      refineSchedule: shared.refineSchedule,
      modelGiveUpHours: shared.modelGiveUpHours,
      tokensPerDay: 0,
      projectTokensPerDay: 0,
      webhookSchedule: [0, 1, 5, 20],
      webhookTimeoutMs: 1_000,
      retainDeliveriesDays: 30,
      quotas: { endpoints: 300, recoveries: 10, jobs: 100, derivations: 20, keys: 500 },
      retainEventsDays: 30,
      retainTurnsDays: 0,
    },
    caches: { recordedEntities: new Set(), entryVectors: new Map() },
  };
  return mutation.platform?.(platform, actor) ?? platform;
};
