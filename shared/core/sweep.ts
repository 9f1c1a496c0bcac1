import type { Key } from '../domain/table/items.ts';
import { deliveryId } from '../domain/webhooks/delivery.ts';
import type { CorePlatform } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';
import { enqueueHints, hints } from './hints.ts';

/** Due items read, and hints, per sweep; further ones are left to the next. */
const maxDue = 10_000;
const maxHints = 2_000;
/** At least the interval between two sweeps. */
const lookAheadMs = 60_000;

/** Splits the partition key `X#project#rest`. */
const partsOf = ({ pk }: Key): { project: string; rest: string } => {
  const [, project = '', ...rest] = pk.split('#');
  return { project, rest: rest.join('#') };
};

/** The hint for a due item of the dispatcher; undefined for all other kinds. */
const dispatcherHint = (key: Key): Hint | undefined => {
  const { project, rest } = partsOf(key);
  const last = key.sk.slice(key.sk.indexOf('#') + 1);
  switch (key.kind) {
    case 'OUTBOX':
      return hints.outbox(project, rest, last);
    case 'DELIVERY':
      return hints.delivery(project, deliveryId(rest, last));
    case 'LIMITER':
      return hints.backlog(project, rest);
    case 'RECOVERY':
      return hints.recovery(project, rest, last);
    default:
      return undefined;
  }
};

/** The hint that gets a due item processed; undefined for memories, which share hints, and for kinds that are never due. */
const hintFor = (key: Key): Hint | undefined => {
  const { project, rest } = partsOf(key);
  switch (key.kind) {
    case 'PEND':
    case 'TASKS':
      return hints.refine(project, rest);
    case 'TURN':
      return hints.finish(project, rest);
    case 'FILES':
      return hints.files(project, rest);
    case 'JOB':
      return hints.job(project, rest);
    case 'DERIVE':
      return hints.derive(project, rest);
    default:
      return dispatcherHint(key);
  }
};

interface DueItem {
  key: Key;
  dueAt: number;
}

const isForDispatcher = ({ key }: DueItem): boolean => dispatcherHint(key) !== undefined;

/** Hints at due memories, many in each. */
const indexHints = (due: readonly DueItem[]): Hint[] => {
  const memories = due.filter(({ key }) => key.kind === 'MEMORY').map(({ key }) => partsOf(key));
  const byProject = Map.groupBy(memories, ({ project }) => project);
  return [...byProject].flatMap(([project, parts]) =>
    hints.indexAll(
      project,
      parts.map(({ rest }) => rest),
    ),
  );
};

/** Enqueues the hints of due items without duplicates. Returns their number. */
const enqueueDue = async (platform: CorePlatform, due: readonly DueItem[], delayMs: number) => {
  const found = new Map<string, Hint>();
  for (const { key } of due) {
    const hint = hintFor(key);
    if (hint && found.size < maxHints) found.set(JSON.stringify(hint), hint);
  }
  const all = [...found.values(), ...indexHints(due)];
  await enqueueHints(platform, all, delayMs);
  return all.length;
};

/** Enqueues hints of items that are due before the next sweep, delayed to the second, so that retries are made on time. */
const enqueueAhead = async (platform: CorePlatform, due: readonly DueItem[], now: number) => {
  const bySecond = Map.groupBy(due, ({ dueAt }) => Math.ceil((dueAt - now) / 1_000));
  for (const [seconds, items] of bySecond) await enqueueDue(platform, items, seconds * 1_000);
};

const overdueMs = (due: DueItem | undefined, now: number): number => (due ? now - due.dueAt : 0);

/** Metrics of a sweep. */
type SweepResult = {
  hints: number;
  /** How long the oldest due item is overdue, ms: grows when work stalls. */
  oldestMs: number;
  /** The same of the dispatcher's items, whose delay customers notice first. */
  oldestDeliveryDueMs: number;
  /** Expired items removed. */
  purged: number;
};

/**
 * Enqueues a hint for everything that is due: work of lost hints and crashed processes, and work due later than a queue
 * can delay. Repeats the hint in each sweep until the work is done; doubled hints do no harm. Removes expired items, too.
 */
export const sweep = async (platform: CorePlatform): Promise<SweepResult> => {
  const { store, clock } = platform;
  const now = clock.now();
  const found = await store.due({ until: now + lookAheadMs, limit: maxDue });
  const due = found.filter(({ dueAt }) => dueAt <= now);
  const soon = found.filter(({ key, dueAt }) => dueAt > now && key.kind === 'DELIVERY');
  const count = await enqueueDue(platform, due, 0);
  await enqueueAhead(platform, soon, now);
  const purged = await store.purge(now);
  return {
    hints: count,
    oldestMs: overdueMs(due[0], now),
    oldestDeliveryDueMs: overdueMs(due.find(isForDispatcher), now),
    purged,
  };
};
