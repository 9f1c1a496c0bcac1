import type { Item } from '../../domain/table/items.ts';
import {
  backlogEntryKey,
  deliveryKey,
  endpointKey,
  limiterKey,
  notificationKey,
  recoveryKey,
} from '../../domain/table/keys.ts';
import { deliveryListing } from '../../domain/table/time-listings.ts';
import { type Delivery, orderedScopeOf, priorities } from '../../domain/webhooks/delivery.ts';
import { beforeRecovery } from '../../domain/webhooks/delivery-transitions.ts';
import { markQueued } from '../../domain/webhooks/endpoint-limiter.ts';
import type { Recovery } from '../../domain/webhooks/recovery.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import type { Deadline } from '../deadline.ts';
import { enqueueHints, hints } from '../hints.ts';
import { everyPage } from '../pagination.ts';
import { put, remove, update } from '../steps.ts';
import { retention } from '../ttl.ts';
import {
  deliveryIsAt,
  deliveryIsNew,
  deliveryIsQueued,
  holdsRecovery,
  recoveryIsCancelled,
  recoveryIsFree,
} from './conditions.ts';
import { createKeyedMutex, type KeyedMutex } from './keyed-mutex.ts';
import type { WithLimiterStore } from './limiter-store.ts';
import { writeOutcome } from './record-attempt.ts';
import { cancelRecovery } from './recoveries.ts';
import { type RecoveryCandidate, recoverablePage } from './recovery-page.ts';

/** Longer than a page takes; every page renews the lease. */
const leaseMs = 60_000;
/** Deliveries queued per transaction: three steps each, and one for the recovery. */
const maxPerTransaction = 30;

const takeLease = async (
  platform: CorePlatform,
  { project, endpoint, id }: Recovery,
): Promise<string | undefined> => {
  const now = platform.clock.now();
  const token = platform.ids.next();
  const leaseUntil = now + leaseMs;
  const { committed } = await commit(platform, [
    update(
      recoveryKey(project, endpoint, id),
      { token, leaseUntil, dueAt: leaseUntil },
      recoveryIsFree(now),
    ),
  ]);
  return committed ? token : undefined;
};

/** Ends the lease early, so that the next hint continues with a new deadline. */
const releaseLease = async (platform: CorePlatform, recovery: Recovery): Promise<void> => {
  const { project, endpoint, id, token = '' } = recovery;
  const now = platform.clock.now();
  const { committed } = await commit(platform, [
    update(
      recoveryKey(project, endpoint, id),
      { leaseUntil: now, dueAt: now },
      holdsRecovery(token),
    ),
  ]);
  if (committed) await enqueueHints(platform, [hints.recovery(project, endpoint, id)]);
};

const finish = async (platform: CorePlatform, recovery: Recovery): Promise<void> => {
  const { project, endpoint, id, token = '' } = recovery;
  const now = platform.clock.now();
  await commit(platform, [
    update(
      recoveryKey(project, endpoint, id),
      { state: 'succeeded', updatedAt: now, completedAt: now },
      holdsRecovery(token),
      ['token', 'leaseUntil', 'dueAt'],
    ),
  ]);
};

/** The longest prefix of a page that one transaction can queue. */
const fitTransaction = (page: readonly RecoveryCandidate[]): RecoveryCandidate[] => {
  let selected = 0;
  const end = page.findIndex(({ delivery }) => {
    if (delivery) selected += 1;
    return selected > maxPerTransaction;
  });
  return page.slice(0, end < 0 ? page.length : end);
};

const stateBefore = ({ state }: Delivery) =>
  state === 'succeeded' || state === 'exhausted' || state === 'cancelled'
    ? { stateBeforeRecovery: state }
    : {};

/** Queues a delivery at the lowest priority, with a full retry budget, and retains it as if it were new. */
const recoveryWrites = (
  { id: recovery }: Recovery,
  { before, delivery }: RecoveryCandidate,
  now: number,
  kept: { expiresAt?: number },
): Step[] => {
  if (!delivery) return [];
  const { project, notification, endpoint } = delivery;
  const priority = priorities.recover;
  const key = deliveryKey(project, notification, endpoint);
  const reset = {
    state: 'pending',
    trigger: 'recover',
    scheduledAttempts: 0,
    updatedAt: now,
  } as const;
  const queued = { ...reset, queuedPriority: priority, recovery, ...kept };
  return [
    before
      ? update(key, { ...queued, ...stateBefore(before) }, deliveryIsAt(before), ['completedAt'])
      : put(key, { ...delivery, ...deliveryListing(delivery), ...queued }, deliveryIsNew),
    put(backlogEntryKey(delivery, priority), {
      notification,
      priority,
      ...orderedScopeOf(delivery),
    }),
    update(notificationKey(project, notification), kept, itemExists),
  ];
};

/**
 * Queues deliveries behind all live ones and advances the recovery's cursor, in one transaction: each is counted exactly
 * once, even across crashes. False when a delivery or the recovery changed meanwhile.
 */
const enqueueRecovered = async (
  platform: WithLimiterStore,
  recovery: Recovery,
  candidates: readonly RecoveryCandidate[],
  cursor: string,
): Promise<boolean> => {
  const { project, endpoint, id, token = '', counts } = recovery;
  const now = platform.clock.now();
  const leaseUntil = now + leaseMs;
  const kept = retention(platform.policy.retainDeliveriesDays, now);
  const steps = candidates.flatMap((one) => recoveryWrites(recovery, one, now, kept));
  const recovered = candidates.filter(({ delivery }) => delivery).length;
  const progress = update(
    recoveryKey(project, endpoint, id),
    {
      cursor,
      counts: {
        candidates: counts.candidates + candidates.length,
        recovered: counts.recovered + recovered,
      },
      leaseUntil,
      dueAt: leaseUntil,
      updatedAt: now,
    },
    holdsRecovery(token),
  );
  const { outcome } = await platform.limiterStore.update(project, endpoint, ({ limiter }) => ({
    limiter: recovered > 0 ? markQueued(limiter, priorities.recover) : limiter,
    steps: [...steps, progress],
    value: undefined,
  }));
  return outcome === 'done';
};

/** Processes the next page; false when nothing is left. A page that changed meanwhile is read again by the next call. */
const processPage = async (platform: WithLimiterStore, recovery: Recovery): Promise<boolean> => {
  const { project, endpoint: id } = recovery;
  const endpoint = await platform.store.get(endpointKey(project, id));
  if (!endpoint) {
    await cancelRecovery(platform, project, id, recovery.id);
    return false;
  }
  const read = await recoverablePage(platform, recovery, endpoint);
  const page = fitTransaction(read.page);
  const cursor = page.at(-1)?.at ?? read.stoppedAt;
  if (cursor === undefined) {
    await finish(platform, recovery);
    return false;
  }
  if (await enqueueRecovered(platform, recovery, page, cursor))
    await enqueueHints(platform, [hints.backlog(project, id)]);
  return true;
};

/** Restores a queued delivery to its state before the recovery, unless it was tried meanwhile. */
const undoOne = async (
  platform: CorePlatform,
  read: Item<'DELIVERY'> | undefined,
  recovery: string,
): Promise<void> => {
  for (let item = read; item?.recovery === recovery && item.queuedPriority !== undefined; ) {
    const { project, notification, endpoint, queuedPriority } = item;
    const transition = beforeRecovery(item, platform.clock.now());
    const extra = [remove(backlogEntryKey(item, queuedPriority))];
    const when = deliveryIsQueued(item, queuedPriority);
    if (await writeOutcome(platform, item, transition, when, extra)) return;
    item = await platform.store.get(deliveryKey(project, notification, endpoint));
  }
};

/** Restores the untried deliveries of a cancelled recovery. After a crash the recovery is still due. */
const undoRecovery = async (
  platform: CorePlatform,
  { project, endpoint, id }: Recovery,
): Promise<void> => {
  const { store } = platform;
  const { pk } = limiterKey(project, endpoint);
  const prefix = `BACKLOG#${priorities.recover}#`;
  const entries = await everyPage((from) => store.query({ kind: 'BACKLOG', pk, prefix, ...from }));
  const keys = entries.map(({ item }) => deliveryKey(project, item.notification, endpoint));
  for (const delivery of await store.getMany(keys)) await undoOne(platform, delivery, id);
  const key = recoveryKey(project, endpoint, id);
  await commit(platform, [update(key, {}, recoveryIsCancelled, ['dueAt'])]);
};

/** Processes page by page while the recovery runs under this lease. */
const runPages = async (
  platform: WithLimiterStore,
  { project, endpoint, id }: Recovery,
  token: string,
  { deadlineAt, signal }: Deadline,
  withLock: KeyedMutex,
): Promise<void> => {
  for (;;) {
    const recovery = await platform.store.get(recoveryKey(project, endpoint, id));
    if (recovery?.state !== 'running' || recovery.token !== token) return;
    if (signal.aborted || platform.clock.now() >= deadlineAt)
      return releaseLease(platform, recovery);
    // Processes one page at a time: several in one turn of the event loop would delay requests.
    if (!(await withLock('recoveries', () => processPage(platform, recovery)))) return;
  }
};

/** Runs a recovery until it is done, cancelled or out of time. */
export type RunRecovery = (
  project: string,
  endpoint: string,
  id: string,
  deadline: Deadline,
) => Promise<void>;

/**
 * Creates the runner of a process's recoveries. A run holds a lease; after a crash it resumes at the same page once the lease
 * has expired. Nothing is queued or counted twice.
 */
export const createRecoveryRunner = (platform: WithLimiterStore): RunRecovery => {
  const withLock = createKeyedMutex();
  return async (project, endpoint, id, deadline) => {
    const stored = await platform.store.get(recoveryKey(project, endpoint, id));
    if (stored?.dueAt === undefined) return;
    if (stored.state === 'cancelled') return undoRecovery(platform, stored);
    const token = await takeLease(platform, stored);
    if (token !== undefined) await runPages(platform, stored, token, deadline, withLock);
  };
};
