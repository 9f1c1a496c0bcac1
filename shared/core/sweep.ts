import type { Key } from '../domain/table/items.ts';
import { deliveryId } from '../domain/webhooks/delivery.ts';
import type { CorePlatform } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';
import { enqueueHints, hints } from './hints.ts';

/** Hints of one sweep; more than a minute's work is left to the next. */
const maxHints = 2_000;
/** At least as long as the time between two sweeps. */
const aheadMs = 60_000;

/** `X#project#rest` of a partition key. */
const partsOf = ({ pk }: Key): { project: string; rest: string } => {
  const [, project = '', ...rest] = pk.split('#');
  return { project, rest: rest.join('#') };
};

/** The hint that gets a due item done; undefined for kinds that never are due. */
const hintFor = (key: Key): Hint | undefined => {
  const { project, rest } = partsOf(key);
  switch (key.kind) {
    case 'PEND':
      return hints.refine(project, rest);
    case 'MEMORY':
      return hints.index(project, rest);
    case 'TURN':
      return hints.settle(project, rest);
    case 'JOB':
      return hints.job(project, rest);
    default:
      return dispatcherHint(key);
  }
};

/** The same, of what customers are told. */
const dispatcherHint = (key: Key): Hint | undefined => {
  const { project, rest } = partsOf(key);
  const last = key.sk.slice(key.sk.indexOf('#') + 1);
  switch (key.kind) {
    case 'OUTBOX':
      return hints.outbox(project, rest, last);
    case 'DELIVERY':
      return hints.delivery(project, deliveryId(rest, last));
    case 'GATE':
      return hints.backlog(project, rest);
    case 'RECOVERY':
      return hints.recovery(project, rest, last);
    default:
      return undefined;
  }
};

interface Due {
  key: Key;
  dueAt: number;
}

/** What is told late is a stall that its customers notice first. */
const isForDispatcher = ({ key }: Due): boolean => dispatcherHint(key) !== undefined;

/** Hints at what is due in `delayMs`, each thing once. */
const enqueueDue = async (platform: CorePlatform, due: readonly Due[], delayMs: number) => {
  const hints = new Map<string, Hint>();
  for (const { key } of due) {
    const found = hintFor(key);
    if (found) hints.set(JSON.stringify(found), found);
  }
  await enqueueHints(platform, [...hints.values()], delayMs);
  return hints.size;
};

/** What a retry schedule has due before the next sweep is hinted at ahead, so that it comes on time. */
const enqueueAhead = async (platform: CorePlatform, due: readonly Due[], now: number) => {
  const bySecond = Map.groupBy(due, ({ dueAt }) => Math.ceil((dueAt - now) / 1_000));
  for (const [seconds, some] of bySecond) await enqueueDue(platform, some, seconds * 1_000);
};

const overdueOf = (due: Due | undefined, now: number): number => (due ? now - due.dueAt : 0);

/**
 * Hints at everything that is due: what a lost hint or a crash left behind, and what waits longer than a queue can. Hints
 * again until it is done, which does no harm. Answers how many hints, and how overdue the oldest is in ms, of all and of
 * what customers are told: a stall shows here.
 */
export const sweep = async (
  platform: CorePlatform,
): Promise<{ hints: number; oldestMs: number; oldestDeliveryDueMs: number; purged: number }> => {
  const { store, clock } = platform;
  const now = clock.now();
  const found = await store.due({ until: now + aheadMs, limit: maxHints });
  const due = found.filter(({ dueAt }) => dueAt <= now);
  const soon = found.filter(({ key, dueAt }) => dueAt > now && key.kind === 'DELIVERY');
  const hints = await enqueueDue(platform, due, 0);
  await enqueueAhead(platform, soon, now);
  const purged = await store.purge(now);
  const oldestDeliveryDueMs = overdueOf(due.find(isForDispatcher), now);
  return {
    hints,
    oldestMs: overdueOf(due[0], now),
    oldestDeliveryDueMs,
    purged,
  };
};
