import { RetryableError } from '../../domain/errors.ts';
import type { Item } from '../../domain/table/items.ts';
import { endpointKey, limiterKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import {
  type EndpointLimiter,
  nextWakeup,
  type Wakeup,
} from '../../domain/webhooks/endpoint-limiter.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { FailedCondition, Step } from '../../ports/store.ts';
import { enqueueHints, hints, maxQueueDelayMs } from '../hints.ts';
import { put } from '../steps.ts';
import { limiterIsAt } from './conditions.ts';

/** A limiter as stored, and its endpoint; undefined when the endpoint was deleted. */
export interface LimiterSnapshot {
  limiter: EndpointLimiter;
  endpoint: Endpoint | undefined;
  now: number;
}

/** New state of a limiter, the writes that depend on it, and the value returned to the caller. */
export interface LimiterUpdateResult<A> {
  limiter: EndpointLimiter;
  /** Present when `steps` change or delete the endpoint. */
  endpoint?: Endpoint | undefined;
  steps?: readonly Step[];
  value: A;
}

/** Pure: called again on a newer snapshot after each conflict. */
export type LimiterUpdate<A> = (snapshot: LimiterSnapshot) => LimiterUpdateResult<A>;

/** `refused`: a condition of the update's own steps failed. `endpoint_deleted`: the limiter no longer exists. */
export type UpdateOutcome<A> =
  | { outcome: 'done'; value: A; limiter: EndpointLimiter }
  | { outcome: 'refused' }
  | { outcome: 'endpoint_deleted' };

/** Limiters of all endpoints, as one process updates them. */
export interface LimiterStore {
  /**
   * Updates an endpoint's limiter, and writes that depend on it, in one transaction conditional on the limiter's version
   * (optimistic concurrency). Concurrent updates of one endpoint are committed together (group commit). Every writer of a
   * limiter uses this function. Rejects when the outcome is unknown; running the caller again is safe.
   */
  update<A>(project: string, endpoint: string, update: LimiterUpdate<A>): Promise<UpdateOutcome<A>>;
  /** Whether an update through this store met one of another process within the last minute. */
  isContended(project: string, endpoint: string): boolean;
}

/** A platform with the limiter store of its process. */
export type WithLimiterStore<P extends CorePlatform = CorePlatform> = P & {
  limiterStore: LimiterStore;
};

/** An update that waits for its commit, without the type of its value. */
interface PendingChange {
  /** Pure, except for `resolve`, which is called after the commit. */
  apply(snapshot: LimiterSnapshot): {
    limiter: EndpointLimiter;
    endpoint: Endpoint | undefined;
    steps: readonly Step[];
    resolve(written: EndpointLimiter): void;
  };
  reject(outcome: 'refused' | 'endpoint_deleted'): void;
  fail(error: unknown): void;
}

/** A transaction has at most 100 steps; one of them writes the limiter. */
const maxSteps = 99;
/** Tries of a transaction that others conflict with, the longest first pause, and the longest of all, ms. */
const maxTries = 10;
const firstPauseMs = 16;
const maxPauseMs = 2_048;
/** How long an endpoint counts as contended, ms. */
const contendedMs = 60_000;

const withoutIndexAttributes = ({
  dueAt: _,
  expiresAt: __,
  listPk: ___,
  listSk: ____,
  ...limiter
}: Item<'LIMITER'>): EndpointLimiter => limiter;

interface ChangeBatch {
  limiter: EndpointLimiter;
  endpoint: Endpoint | undefined;
  steps: Step[];
  /** The change that each step belongs to. */
  stepOwners: PendingChange[];
  accepted: { change: PendingChange; resolve(written: EndpointLimiter): void }[];
  /** Changes that do not fit this transaction. */
  deferred: PendingChange[];
}

/** Applies each change in order. A change that writes an item another change of the batch writes is rejected. */
const buildBatch = (
  changes: readonly PendingChange[],
  { limiter, endpoint, now }: LimiterSnapshot,
): ChangeBatch => {
  const batch: ChangeBatch = {
    limiter,
    endpoint,
    steps: [],
    stepOwners: [],
    accepted: [],
    deferred: [],
  };
  const written = new Set<string>();
  for (const [index, change] of changes.entries()) {
    const applied = change.apply({ limiter: batch.limiter, endpoint: batch.endpoint, now });
    const size = batch.steps.length + applied.steps.length;
    if (size > maxSteps && batch.accepted.length > 0) {
      batch.deferred.push(...changes.slice(index));
      break;
    }
    const names = applied.steps.map(({ key }) => `${key.pk} ${key.sk}`);
    if (names.some((name) => written.has(name))) {
      change.reject('refused');
      continue;
    }
    for (const name of names) written.add(name);
    batch.limiter = applied.limiter;
    batch.endpoint = applied.endpoint;
    batch.steps.push(...applied.steps);
    batch.stepOwners.push(...applied.steps.map(() => change));
    batch.accepted.push({ change, resolve: applied.resolve });
  }
  return batch;
};

/** An unchanged limiter is written too when its due time has passed or no longer matches its next wakeup. */
const isDirty = (
  before: EndpointLimiter,
  { limiter, steps }: ChangeBatch,
  { dueAt }: Item<'LIMITER'>,
  wakeup: Wakeup | undefined,
  now: number,
): boolean =>
  limiter !== before ||
  steps.length > 0 ||
  (wakeup === undefined) !== (dueAt === undefined) ||
  (dueAt !== undefined && dueAt <= now);

const toRetry = (
  { accepted, stepOwners, deferred }: ChangeBatch,
  refusals: readonly FailedCondition[],
): PendingChange[] => {
  const refused = new Set(refusals.flatMap(({ step }) => stepOwners[step - 1] ?? []));
  for (const change of refused) change.reject('refused');
  return [...accepted.flatMap(({ change }) => (refused.has(change) ? [] : [change])), ...deferred];
};

/** Commits as many changes as fit one transaction. Returns the changes to retry. @param onContended called when another process was faster */
const commitOnce = async (
  platform: CorePlatform,
  item: Item<'LIMITER'>,
  endpoint: Endpoint | undefined,
  changes: readonly PendingChange[],
  onContended: () => void,
): Promise<PendingChange[]> => {
  const now = platform.clock.now();
  const before = withoutIndexAttributes(item);
  const { project, endpoint: id, version } = before;
  const batch = buildBatch(changes, { limiter: before, endpoint, now });
  const wakeup = nextWakeup(batch.limiter, batch.endpoint, now);
  if (!isDirty(before, batch, item, wakeup, now)) {
    for (const { resolve } of batch.accepted) resolve(before);
    return batch.deferred;
  }
  const limiter = { ...batch.limiter, version: version + 1 };
  const result = await platform.store.transact([
    put(
      limiterKey(project, id),
      { ...limiter, ...(wakeup && { dueAt: wakeup.at }) },
      limiterIsAt(version),
    ),
    ...batch.steps,
  ]);
  if (!result.committed) {
    if (result.refusals.some(({ step }) => step === 0)) onContended();
    return toRetry(batch, result.refusals);
  }
  const delay = (wakeup?.at ?? now) - now;
  if (wakeup?.onTimer && wakeup.at !== item.dueAt && delay <= maxQueueDelayMs)
    await enqueueHints(platform, [hints.backlog(project, id)], delay);
  for (const { resolve } of batch.accepted) resolve(limiter);
  return batch.deferred;
};

const isConflict = (error: unknown): boolean =>
  error instanceof RetryableError && error.code === 'transaction_conflict';

/**
 * Commits a batch of changes. A change whose own conditions fail is left out; after a conflict the limiter is read
 * again. The limiter is read before its endpoint: resuming an endpoint writes both, so an outdated pause is never acted on.
 */
const commitAll = async (
  platform: CorePlatform,
  project: string,
  id: string,
  batch: readonly PendingChange[],
  onContended: () => void,
): Promise<void> => {
  const { store, clock, ids } = platform;
  let tries = 0;
  for (let changes = batch; changes.length > 0; ) {
    const item = await store.get(limiterKey(project, id));
    const endpoint = await store.get(endpointKey(project, id));
    if (!item) {
      for (const change of changes) change.reject('endpoint_deleted');
      return;
    }
    try {
      changes = await commitOnce(platform, item, endpoint, changes, onContended);
    } catch (error) {
      tries += 1;
      if (!isConflict(error) || tries === maxTries) throw error;
      onContended();
      const pauseMs = Math.min(maxPauseMs, firstPauseMs * 2 ** (tries - 1));
      await clock.sleep(pauseMs * (0.5 + ids.random()));
    }
  }
};

const toPendingChange = <A>(
  update: LimiterUpdate<A>,
  resolve: (outcome: UpdateOutcome<A>) => void,
  fail: (error: unknown) => void,
): PendingChange => ({
  apply(snapshot) {
    const changed = update(snapshot);
    const { limiter, steps = [], value } = changed;
    return {
      limiter,
      endpoint: 'endpoint' in changed ? changed.endpoint : snapshot.endpoint,
      steps,
      resolve: (written) => resolve({ outcome: 'done', value, limiter: written }),
    };
  },
  reject: (outcome) => resolve({ outcome }),
  fail,
});

/**
 * Creates the limiter store of a process: once per process, since only updates made through the same store are committed
 * together. Two stores on one table are correct, and compete.
 */
export const createLimiterStore = (platform: CorePlatform): LimiterStore => {
  /** Changes of each endpoint that arrived while others are being committed. */
  const pendingByEndpoint = new Map<string, PendingChange[]>();
  const contendedAt = new Map<string, number>();

  /** Never rejects: an error is passed to the callers of the batch. */
  const drainPending = async (
    project: string,
    id: string,
    pending: PendingChange[],
    end: () => void,
  ): Promise<void> => {
    // Collects the calls of the current tick before the first commit.
    await undefined;
    while (pending.length > 0) {
      const batch = pending.splice(0);
      try {
        await commitAll(platform, project, id, batch, () =>
          contendedAt.set(`${project} ${id}`, platform.clock.now()),
        );
      } catch (error) {
        for (const change of batch) change.fail(error);
      }
    }
    end();
  };

  return {
    isContended: (project, endpoint) =>
      platform.clock.now() - (contendedAt.get(`${project} ${endpoint}`) ?? -contendedMs) <
      contendedMs,
    async update<A>(project: string, endpoint: string, update: LimiterUpdate<A>) {
      const name = `${project} ${endpoint}`;
      const running = pendingByEndpoint.get(name);
      const pending = running ?? [];
      const outcome = new Promise<UpdateOutcome<A>>((resolve, reject) => {
        pending.push(toPendingChange(update, resolve, reject));
      });
      if (!running) {
        pendingByEndpoint.set(name, pending);
        void drainPending(project, endpoint, pending, () => pendingByEndpoint.delete(name));
      }
      return outcome;
    },
  };
};
