import { releasedBy, type ScopeTasks } from '../../domain/processing.ts';
import type { Item } from '../../domain/table/items.ts';
import { pendingKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';

/** Pending turns read at once. */
const pageSize = 500;

type Pending = Item<'PEND'>;

/** Decision about the pending turns of a scope. */
export interface Release {
  /** The newest turn that may be; every older one may be as well. Absent: all wait. */
  through?: string;
  /** Whether the number of messages or the idle time is the reason, which is to be stored: the rest of them would not reach it again. */
  isReached: boolean;
  /** Work items whose due time is not the one that the wait needs, with that time. */
  misdue: { pending: Pending; dueAt?: number }[];
}

async function* pendingTurns({ store }: Pick<Platform, 'store'>, project: string, scope: string) {
  const { pk } = pendingKey(project, scope, '');
  let from: { after?: string } = {};
  for (;;) {
    const range = { kind: 'PEND', pk, prefix: 'PEND#', limit: pageSize, ...from } as const;
    const page = await store.query(range);
    for (const { item } of page.items) yield item;
    if (page.next === undefined) return;
    from = { after: page.next };
  }
}

/** Facts that decide about the pending turns of a scope. */
interface Summary {
  turns: Pending[];
  /** Newest turn that may not wait. */
  lastFree?: string;
  /** Newest turn with a threshold: turns after it wait for a request. */
  lastCounted?: string;
  /** Messages of the turns up to that one, and the smallest of the thresholds. */
  messages: number;
  threshold: number;
  /** Latest idle time. */
  idleAt?: number;
}

const summarize = async (
  platform: Pick<Platform, 'store'>,
  project: string,
  scope: string,
): Promise<Summary> => {
  const found: Summary = { turns: [], messages: 0, threshold: Number.POSITIVE_INFINITY };
  let messages = 0;
  for await (const pending of pendingTurns(platform, project, scope)) {
    const { hold, turn } = pending;
    found.turns.push(pending);
    if (!hold) {
      found.lastFree = turn;
      continue;
    }
    messages += hold.messages;
    if (hold.threshold === undefined) continue;
    found.lastCounted = turn;
    found.messages = messages;
    found.threshold = Math.min(found.threshold, hold.threshold);
    if (hold.idleAt !== undefined) found.idleAt = Math.max(hold.idleAt, found.idleAt ?? 0);
  }
  return found;
};

/**
 * Work items that are due although their turns wait: without an idle time they are not due at all, else at the latest idle time. A
 * later due time stays, so that each item is written once in an idle time, and so that none depends on the others.
 */
const misdueOf = (
  turns: readonly Pending[],
  idleAt: number | undefined,
  now: number,
): Release['misdue'] =>
  turns.flatMap((pending) => {
    if (pending.hold?.idleAt === undefined || idleAt === undefined)
      return pending.dueAt === undefined ? [] : [{ pending }];
    return (pending.dueAt ?? 0) > now ? [] : [{ pending, dueAt: idleAt }];
  });

/**
 * Decides which pending turns may be refined. A turn that may not wait, or that a request covers, lets every older one be refined as
 * well; turns up to the newest one with a threshold may be once their messages reach it, or once no such turn came for the idle time. Strongly consistent; writes
 * nothing.
 */
export const findRelease = async (
  platform: Pick<Platform, 'store' | 'clock'>,
  project: string,
  scope: string,
  tasks: ScopeTasks | undefined,
): Promise<Release> => {
  const { turns, lastFree, lastCounted, messages, threshold, idleAt } = await summarize(
    platform,
    project,
    scope,
  );
  const isIdle = idleAt !== undefined && idleAt <= platform.clock.now();
  if (lastCounted !== undefined && (messages >= threshold || isIdle))
    return { through: lastCounted, isReached: true, misdue: [] };
  const through = [lastFree ?? '', releasedBy(tasks) ?? ''].sort().at(-1) ?? '';
  if (turns[0] && turns[0].turn <= through) return { through, isReached: false, misdue: [] };
  return { isReached: false, misdue: misdueOf(turns, idleAt, platform.clock.now()) };
};
