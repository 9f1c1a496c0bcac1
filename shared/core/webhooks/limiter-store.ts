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
import { commit } from '../commit.ts';
import { limiterIsAt } from '../conditions.ts';
import { enqueueHints, hints, maxQueueDelayMs } from '../hints.ts';
import { put } from '../steps.ts';

/** A gate as it stands, and the endpoint behind it; none when that was deleted. */
export interface LimiterSnapshot {
  limiter: EndpointLimiter;
  endpoint: Endpoint | undefined;
  now: number;
}

/** A change of a gate that waits to be made, without the type of its answer. */
export interface PendingChange {
  /** Pure but for `done`, which is called once it is written. */
  apply(view: LimiterSnapshot): {
    limiter: EndpointLimiter;
    endpoint: Endpoint | undefined;
    steps: readonly Step[];
    done(written: EndpointLimiter): void;
  };
  end(outcome: 'refused' | 'endpoint_deleted'): void;
  fail(error: unknown): void;
}

/** A transaction holds a hundred steps, one of which is the gate. */
const maxSteps = 99;

const withoutIndexAttributes = ({
  dueAt: _,
  expiresAt: __,
  listPk: ___,
  listSk: ____,
  ...limiter
}: Item<'GATE'>): EndpointLimiter => limiter;

interface ChangeBatch {
  limiter: EndpointLimiter;
  endpoint: Endpoint | undefined;
  steps: Step[];
  /** Whose each step is. */
  owners: PendingChange[];
  ready: { order: PendingChange; done(written: EndpointLimiter): void }[];
  /** For which there is no room in this transaction. */
  later: PendingChange[];
}

/** Asks each order in turn; one that writes what another of the batch writes has come too late. */
const buildBatch = (
  orders: readonly PendingChange[],
  { limiter, endpoint, now }: LimiterSnapshot,
): ChangeBatch => {
  const decided: ChangeBatch = { limiter, endpoint, steps: [], owners: [], ready: [], later: [] };
  const written = new Set<string>();
  for (const [index, order] of orders.entries()) {
    const change = order.apply({ limiter: decided.limiter, endpoint: decided.endpoint, now });
    const size = decided.steps.length + change.steps.length;
    if (size > maxSteps && decided.ready.length > 0) {
      decided.later.push(...orders.slice(index));
      break;
    }
    const names = change.steps.map(({ key }) => `${key.pk} ${key.sk}`);
    if (names.some((name) => written.has(name))) {
      order.end('refused');
      continue;
    }
    for (const name of names) written.add(name);
    decided.limiter = change.limiter;
    decided.endpoint = change.endpoint;
    decided.steps.push(...change.steps);
    decided.owners.push(...change.steps.map(() => order));
    decided.ready.push({ order, done: change.done });
  }
  return decided;
};

/** Also a gate that nobody changes is written when its due time no longer says when to look at it. */
const isDirty = (
  before: EndpointLimiter,
  { limiter, steps }: ChangeBatch,
  { dueAt }: Item<'GATE'>,
  wake: Wakeup | undefined,
  now: number,
): boolean =>
  limiter !== before ||
  steps.length > 0 ||
  (wake === undefined) !== (dueAt === undefined) ||
  (dueAt !== undefined && dueAt <= now);

const toRetry = (
  { ready, owners, later }: ChangeBatch,
  refusals: readonly FailedCondition[],
): PendingChange[] => {
  const refused = new Set(refusals.flatMap(({ step }) => owners[step - 1] ?? []));
  for (const order of refused) order.end('refused');
  return [...ready.flatMap(({ order }) => (refused.has(order) ? [] : [order])), ...later];
};

/** Makes as many of the changes as can be made at once; those that are to be decided again. */
const commitOnce = async (
  platform: CorePlatform,
  item: Item<'GATE'>,
  endpoint: Endpoint | undefined,
  orders: readonly PendingChange[],
): Promise<PendingChange[]> => {
  const now = platform.clock.now();
  const before = withoutIndexAttributes(item);
  const { project, endpoint: id, version } = before;
  const decided = buildBatch(orders, { limiter: before, endpoint, now });
  const wake = nextWakeup(decided.limiter, decided.endpoint, now);
  if (!isDirty(before, decided, item, wake, now)) {
    for (const { done } of decided.ready) done(before);
    return decided.later;
  }
  const limiter = { ...decided.limiter, version: version + 1 };
  const result = await commit(platform, [
    put(
      limiterKey(project, id),
      { ...limiter, ...(wake && { dueAt: wake.at }) },
      limiterIsAt(version),
    ),
    ...decided.steps,
  ]);
  if (!result.committed) return toRetry(decided, result.refusals);
  if (wake?.onTimer && wake.at !== item.dueAt && wake.at - now <= maxQueueDelayMs)
    await enqueueHints(platform, [hints.backlog(project, id)], wake.at - now);
  for (const { done } of decided.ready) done(limiter);
  return decided.later;
};

/**
 * Sees a batch of changes through, in one transaction on condition of the gate's version. Those whose own conditions do
 * not hold are left out; a gate that moved on is read again. It is read before its endpoint: who resumes an endpoint
 * writes both, so a stale pause is never acted upon.
 */
export const commitAll = async (
  platform: CorePlatform,
  project: string,
  id: string,
  batch: readonly PendingChange[],
): Promise<void> => {
  const { store } = platform;
  for (let orders = batch; orders.length > 0; ) {
    const item = await store.get(limiterKey(project, id));
    const endpoint = await store.get(endpointKey(project, id));
    if (!item) {
      for (const order of orders) order.end('endpoint_deleted');
      return;
    }
    orders = await commitOnce(platform, item, endpoint, orders);
  }
};
