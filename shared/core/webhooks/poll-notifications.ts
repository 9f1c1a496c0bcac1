import {
  notificationPks,
  pollMarkerKey,
  projectKey,
  sortableTime,
} from '../../domain/table/keys.ts';
import type { Notification } from '../../domain/webhooks/notification.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { put } from '../steps.ts';
import {
  type IndexRow,
  isPosition,
  positionAfter,
  retentionStart,
  scanTimeIndex,
} from './time-index.ts';

/** Nothing that is made takes longer to be listed: before that, a position would pass over what is still to come. */
const consistencyDelayMs = 5_000;
const maxRecent = 50;

/** Everything up to `position` was told, and of what came after it those. */
interface Cursor {
  position: string;
  recent: readonly string[];
}

const encode = ({ position, recent }: Cursor): string =>
  Buffer.from([position, ...recent].join(' ')).toString('base64url');

const isMark = (text: string): boolean => /^[0-9a-f]{12}$/.test(text);

const decode = (text: string): Cursor | undefined => {
  const [position = '', ...recent] = Buffer.from(text, 'base64url').toString().split(' ');
  const isOne = isPosition(position) && recent.length <= maxRecent && recent.every(isMark);
  return isOne ? { position, recent } : undefined;
};

/** Positions are text that sorts by time. */
const earlierOf = (...positions: readonly [string, string]): string =>
  positions.toSorted()[0] ?? '';
const laterOf = (...positions: readonly [string, string]): string => positions.toSorted()[1] ?? '';

const shortIdOf = ({ item }: IndexRow<'NOTIFICATION'>): string => item.id.slice(-12);

/** What of the listed is told now, and the cursor after it. */
const buildPage = (
  listed: readonly IndexRow<'NOTIFICATION'>[],
  { position, recent }: Cursor,
  { limit, settledAt }: { limit: number; settledAt: string },
): { notifications: Notification[]; cursor: Cursor; isWhole: boolean } => {
  const seen = new Set(recent);
  const isTold = (one: IndexRow<'NOTIFICATION'>) => seen.has(shortIdOf(one));
  const isSettled = ({ at }: IndexRow<'NOTIFICATION'>) => at < settledAt;
  const notifications: Notification[] = [];
  const after = { position, recent: [] as string[] };
  // The cursor has room for so many more: what was told and is not settled yet stays in it.
  let room = maxRecent - listed.filter((one) => !isSettled(one) && isTold(one)).length;
  const isFull = (one: IndexRow<'NOTIFICATION'>) =>
    notifications.length === limit || (!isSettled(one) && room-- <= 0);
  for (const one of listed) {
    const isNew = !isTold(one);
    if (isNew && isFull(one)) return { notifications, cursor: after, isWhole: false };
    if (isNew) notifications.push(one.item);
    if (isSettled(one)) after.position = one.at;
    else after.recent.push(shortIdOf(one));
  }
  return { notifications, cursor: after, isWhole: true };
};

/** Nothing is told of a project before there is one. */
const bornAt = async ({ store }: CorePlatform, project: string): Promise<number> =>
  Math.max(0, ((await store.get(projectKey(project)))?.createdAt ?? 0) - consistencyDelayMs);

/** From the first look on, notifications are kept also while the project has no endpoint. */
const markPolled = async (platform: CorePlatform, project: string): Promise<void> => {
  const key = pollMarkerKey(project);
  if (await platform.store.get(key)) return;
  await commit(platform, [put(key, { since: platform.clock.now() })]);
};

/**
 * What was told, oldest first, for those who would rather ask: each notification once, as long as every look passes on
 * the `next` of the one before. Without `after`: from the oldest that is kept. A page may be empty before the end is reached.
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
    after === undefined ? Math.max(kept, await bornAt(platform, project)) : kept,
  );
  const cursor = after === undefined ? { position: oldest, recent: [] } : decode(after);
  if (!cursor) return 'bad_cursor';
  await markPolled(platform, project);
  const settledAt = sortableTime(now - consistencyDelayMs);
  // No cursor of ours is ahead of what is settled.
  const from = laterOf(earlierOf(cursor.position, settledAt), oldest);
  const size = limit + cursor.recent.length + 1;
  const { found: listed, stoppedAt } = await scanTimeIndex(store, {
    kind: 'NOTIFICATION',
    pksOf: (at) => notificationPks(project, at),
    from,
    to: positionAfter(now + consistencyDelayMs),
    limit: size,
    keep: ({ listSk = '' }) => listSk > from,
  });
  const taken = buildPage(listed, { ...cursor, position: from }, { limit, settledAt });
  const isAllRead = taken.isWhole && listed.length < size;
  const { position: reached, recent } = taken.cursor;
  const readTo = earlierOf(stoppedAt ?? settledAt, settledAt);
  const position = isAllRead ? laterOf(reached, readTo) : reached;
  return {
    notifications: taken.notifications,
    next: encode({ position, recent }),
    isEnd: isAllRead && stoppedAt === undefined,
  };
};
