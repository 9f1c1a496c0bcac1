import { pollMarkerKey, projectKey } from '../../domain/table/keys.ts';
import { notificationPks, sortableTime } from '../../domain/table/time-listings.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { forgetProcessing } from '../processing/processing-settings.ts';
import { put } from '../steps.ts';
import {
  type IndexRow,
  isPosition,
  positionAfter,
  retentionStart,
  scanTimeIndex,
} from './time-index.ts';

/**
 * Upper bound on the lag of the secondary index. A cursor never advances past `now - consistencyDelayMs`, or it would skip
 * rows that appear late.
 */
const consistencyDelayMs = 5_000;
const maxSeenIds = 50;

/** Position of a client: everything up to `position` was returned, and the rows with these short ids after it. */
interface Cursor {
  position: string;
  recent: readonly string[];
}

const encode = ({ position, recent }: Cursor): string =>
  Buffer.from([position, ...recent].join(' ')).toString('base64url');

const isShortId = (text: string): boolean => /^[0-9a-f]{12}$/.test(text);

const decode = (text: string): Cursor | undefined => {
  const [position = '', ...recent] = Buffer.from(text, 'base64url').toString().split(' ');
  const isValid = isPosition(position) && recent.length <= maxSeenIds && recent.every(isShortId);
  return isValid ? { position, recent } : undefined;
};

/** Positions are strings that sort by time. */
const minPosition = (...positions: readonly [string, string]): string =>
  positions.toSorted()[0] ?? '';
const maxPosition = (...positions: readonly [string, string]): string =>
  positions.toSorted()[1] ?? '';

const shortIdOf = ({ item }: IndexRow<'NOTIFICATION'>): string => item.id.slice(-12);

/** Selects the rows to return now, and the cursor after them. */
const buildPage = (
  rows: readonly IndexRow<'NOTIFICATION'>[],
  { position, recent }: Cursor,
  { limit, settledAt }: { limit: number; settledAt: string },
): { notifications: Notification[]; cursor: Cursor; isComplete: boolean } => {
  const seen = new Set(recent);
  const isSeen = (one: IndexRow<'NOTIFICATION'>) => seen.has(shortIdOf(one));
  const isSettled = ({ at }: IndexRow<'NOTIFICATION'>) => at < settledAt;
  const notifications: Notification[] = [];
  const after = { position, recent: [] as string[] };
  // Short ids the cursor can still take: rows returned but not settled stay in it.
  let remainingIds = maxSeenIds - rows.filter((one) => !isSettled(one) && isSeen(one)).length;
  const isFull = (one: IndexRow<'NOTIFICATION'>) =>
    notifications.length === limit || (!isSettled(one) && remainingIds-- <= 0);
  for (const one of rows) {
    const isNew = !isSeen(one);
    if (isNew && isFull(one)) return { notifications, cursor: after, isComplete: false };
    if (isNew) notifications.push(one.item);
    if (isSettled(one)) after.position = one.at;
    else after.recent.push(shortIdOf(one));
  }
  return { notifications, cursor: after, isComplete: true };
};

/** Earliest time of a project's notifications. */
const startOfProject = async ({ store }: CorePlatform, project: string): Promise<number> =>
  Math.max(0, ((await store.get(projectKey(project)))?.createdAt ?? 0) - consistencyDelayMs);

/** Marks the project as polled: from the first poll on, notifications are stored even without endpoints. */
const markPolled = async (platform: CorePlatform, project: string): Promise<void> => {
  const key = pollMarkerKey(project);
  if (await platform.store.get(key)) return;
  await commit(platform, [put(key, { since: platform.clock.now() })]);
  forgetProcessing(platform, project);
};

/**
 * Poll feed: returns notifications oldest first. Each is returned exactly once if every call passes the previous call's
 * `next`. Without `after` the feed starts at the oldest retained notification. A page may be empty before the end is
 * reached. A repeated call with the same `after` returns the same notifications, perhaps followed by newer ones.
 */
export const listNotifications = async (
  platform: CorePlatform,
  project: string,
  { after, limit }: { after?: string; limit: number },
): Promise<{ notifications: Notification[]; next: string; isEnd: boolean } | 'bad_cursor'> => {
  const { store, clock, policy } = platform;
  const now = clock.now();
  const kept = retentionStart(now, policy.retainDeliveriesDays);
  const oldest = sortableTime(
    after === undefined ? Math.max(kept, await startOfProject(platform, project)) : kept,
  );
  const cursor = after === undefined ? { position: oldest, recent: [] } : decode(after);
  if (!cursor) return 'bad_cursor';
  await markPolled(platform, project);
  const settledAt = sortableTime(now - consistencyDelayMs);
  // A cursor this service issued is never past the settled position.
  const from = maxPosition(minPosition(cursor.position, settledAt), oldest);
  const size = limit + cursor.recent.length + 1;
  const { found: rows, stoppedAt } = await scanTimeIndex(store, {
    kind: 'NOTIFICATION',
    shardsOf: (at) => notificationPks(project, at),
    from,
    to: positionAfter(now + consistencyDelayMs),
    limit: size,
    keep: ({ listSk = '' }) => listSk > from,
  });
  const page = buildPage(rows, { ...cursor, position: from }, { limit, settledAt });
  const isAllRead = page.isComplete && rows.length < size;
  const { position: reached, recent } = page.cursor;
  const readTo = minPosition(stoppedAt ?? settledAt, settledAt);
  const position = isAllRead ? maxPosition(reached, readTo) : reached;
  return {
    notifications: page.notifications,
    next: encode({ position, recent }),
    isEnd: isAllRead && stoppedAt === undefined,
  };
};
