import type { DueClass } from '../domain/table/due-class.ts';
import type { Key } from '../domain/table/items.ts';
import { deliveryId } from '../domain/webhooks/delivery.ts';
import type { CorePlatform } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';
import type { DueItem } from '../ports/store.ts';
import { enqueueHints, hints } from './hints.ts';

export interface SweepLimits {
  /** Items of each class, work and upkeep, per sweep; further ones are left to the next. */
  maxItems: number;
  /** Time in which the next items are read, ms. */
  maxMs: number;
}

const defaultLimits: SweepLimits = { maxItems: 10_000, maxMs: 30_000 };

/** Due items read at once. */
const pageSize = 2_000;
/** A page with fewer items is the last one. */
const minItemsOfPage = 100;
/**
 * Due items of a class that each sweep hints at, the longest due first. Of further ones, those that have long been due are hinted at
 * in some sweeps only: under overload they wait in a queue already, or fail.
 */
const alwaysHinted = 2_000;
const rarerAfterMs = 300_000;
const maxPeriod = 16;
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
    if (hint) found.set(JSON.stringify(hint), hint);
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

const nameOf = ({ key }: DueItem): string => `${key.pk} ${key.sk}`;

/** Whether a sweep hints at an item that is due behind many others: always at first, in one of up to 16 sweeps later. */
const isHintedNow = ({ key, dueAt }: DueItem, now: number): boolean => {
  const period = Math.min(maxPeriod, 1 + Math.floor((now - dueAt) / rarerAfterMs));
  if (period === 1) return true;
  let hash = 0;
  for (let i = 0; i < key.pk.length; i++) hash += key.pk.charCodeAt(i);
  return (hash + Math.floor(now / 60_000)) % period === 0;
};

/** Position in the due items of a class: the time of the last ones that were read, and these. */
interface DuePosition {
  from?: number;
  limit: number;
  seen: Set<string>;
}

/** Position after a read that found something. Where many items are due at the same time, the next read asks for more. */
const nextPosition = (
  { from, limit, seen }: DuePosition,
  found: readonly DueItem[],
  isNew: boolean,
): DuePosition => {
  const last = found.at(-1)?.dueAt ?? 0;
  const names = found.filter(({ dueAt }) => dueAt === last).map(nameOf);
  if (isNew)
    return {
      from: last,
      limit: pageSize,
      seen: new Set(last === from ? [...seen, ...names] : names),
    };
  if (found.length >= limit || limit === pageSize) return { from: last, limit: 2 * limit, seen };
  return { from: last + 1, limit: pageSize, seen: new Set() };
};

/** Reads the due items of a class in pages, the longest due first, each once. */
async function* duePages(
  { store, clock }: CorePlatform,
  dueClass: DueClass,
  until: number,
  { maxItems, maxMs }: SweepLimits,
): AsyncGenerator<DueItem[]> {
  const stopAt = clock.now() + maxMs;
  let position: DuePosition = { limit: pageSize, seen: new Set() };
  for (let count = 0; count < maxItems && clock.now() <= stopAt; ) {
    const { from, limit, seen } = position;
    const query = { class: dueClass, until, limit, ...(from !== undefined && { from }) };
    const found = await store.due(query);
    if (found.length === 0) return;
    const page = found.filter((item) => !seen.has(nameOf(item)));
    if (page.length > 0) yield page.slice(0, maxItems - count);
    count += page.length;
    if (found.length < minItemsOfPage) return;
    position = nextPosition(position, found, page.length > 0);
  }
}

/** Enqueues the hints of a class. */
const sweepClass = async (
  platform: CorePlatform,
  dueClass: DueClass,
  now: number,
  limits: SweepLimits,
) => {
  const swept = { hints: 0, items: 0, oldestMs: 0, oldestDeliveryDueMs: 0 };
  // Only deliveries are hinted at ahead of their time.
  const until = dueClass === 'work' ? now + lookAheadMs : now;
  for await (const page of duePages(platform, dueClass, until, limits)) {
    const due = page.filter(({ dueAt }) => dueAt <= now);
    const soon = page.filter(({ key, dueAt }) => dueAt > now && key.kind === 'DELIVERY');
    const first = Math.max(0, alwaysHinted - swept.items);
    const hinted = due.filter((item, index) => index < first || isHintedNow(item, now));
    swept.oldestMs = Math.max(swept.oldestMs, overdueMs(due[0], now));
    const oldest = overdueMs(due.find(isForDispatcher), now);
    swept.oldestDeliveryDueMs = Math.max(swept.oldestDeliveryDueMs, oldest);
    swept.items += due.length;
    swept.hints += await enqueueDue(platform, hinted, 0);
    await enqueueAhead(platform, soon, now);
  }
  return swept;
};

/**
 * Enqueues a hint for everything that is due: work of lost hints and crashed processes, and work due later than a queue
 * can delay. First for work, then for upkeep, so that no backlog of upkeep delays work. Repeats the hint in each sweep until the work
 * is done; doubled hints do no harm. Removes expired items, too.
 */
export const sweep = async (
  platform: CorePlatform,
  limits: SweepLimits = defaultLimits,
): Promise<SweepResult> => {
  const now = platform.clock.now();
  const work = await sweepClass(platform, 'work', now, limits);
  const upkeep = await sweepClass(platform, 'upkeep', now, limits);
  const purged = await platform.store.purge(now);
  return {
    hints: work.hints + upkeep.hints,
    oldestMs: Math.max(work.oldestMs, upkeep.oldestMs),
    oldestDeliveryDueMs: work.oldestDeliveryDueMs,
    purged,
  };
};
