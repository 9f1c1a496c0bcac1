import { momentOf, notificationPks, polledKey } from '../../domain/keys.ts';
import type { Notification } from '../../domain/notification.ts';
import type { Backstage } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { put } from '../steps.ts';
import { endOf, isMoment, type Listed, oldestOf, readDays } from './days.ts';

/** Nothing that is made takes longer to be listed: before that, a position would pass over what is still to come. */
const settledMs = 5_000;
const maxRecent = 50;

/** Everything up to `position` was told, and of what came after it those. */
interface Cursor {
  position: string;
  recent: readonly string[];
}

const encode = ({ position, recent }: Cursor): string =>
  Buffer.from([position, ...recent].join(' ')).toString('base64url');

const decode = (text: string): Cursor | undefined => {
  const [position = '', ...recent] = Buffer.from(text, 'base64url').toString().split(' ');
  return isMoment(position) ? { position, recent } : undefined;
};

/** Positions are text that sorts by time. */
const laterOf = (...positions: readonly [string, string]): string => positions.toSorted()[1] ?? '';

const markOf = ({ item }: Listed<'NOTIFICATION'>): string => item.id.slice(-12);

/** What of the listed is told now, and the cursor after it. */
const take = (
  listed: readonly Listed<'NOTIFICATION'>[],
  { position, recent }: Cursor,
  { limit, settledAt }: { limit: number; settledAt: string },
): { notifications: Notification[]; cursor: Cursor; isWhole: boolean } => {
  const told = new Set(recent);
  const notifications: Notification[] = [];
  const after = { position, recent: [] as string[] };
  for (const one of listed) {
    const isNew = !told.has(markOf(one));
    const isSettled = one.at < settledAt;
    const isFull =
      notifications.length === limit || (!isSettled && after.recent.length === maxRecent);
    if (isNew && isFull) return { notifications, cursor: after, isWhole: false };
    if (isNew) notifications.push(one.item);
    if (isSettled) after.position = one.at;
    else after.recent.push(markOf(one));
  }
  return { notifications, cursor: after, isWhole: true };
};

/** From the first look on, notifications are kept also while the project has no endpoint. */
const notePolled = async (platform: Backstage, project: string): Promise<void> => {
  const key = polledKey(project);
  if (await platform.store.get(key)) return;
  await commit(platform, [put(key, { since: platform.clock.now() })]);
};

/**
 * What was told, oldest first, for those who would rather ask: each notification once, as long as every look passes on
 * the `next` of the one before. Without `after`: from the oldest that is kept.
 */
export const listNotifications = async (
  platform: Backstage,
  project: string,
  { after, limit }: { after?: string; limit: number },
): Promise<{ notifications: Notification[]; next: string } | 'bad_cursor'> => {
  const { store, clock, policy } = platform;
  const now = clock.now();
  const oldest = momentOf(oldestOf(now, policy.retainDeliveriesDays));
  const cursor = after === undefined ? { position: oldest, recent: [] } : decode(after);
  if (!cursor) return 'bad_cursor';
  await notePolled(platform, project);
  const from = laterOf(cursor.position, oldest);
  const settledAt = momentOf(now - settledMs);
  const size = limit + cursor.recent.length + 1;
  const listed = await readDays(store, {
    kind: 'NOTIFICATION',
    pksOf: (at) => notificationPks(project, at),
    from,
    to: endOf(now + settledMs),
    limit: size,
    keep: ({ listSk = '' }) => listSk > from,
  });
  const taken = take(listed, { ...cursor, position: from }, { limit, settledAt });
  const isEnd = taken.isWhole && listed.length < size;
  const { position: reached, recent } = taken.cursor;
  const position = isEnd ? laterOf(reached, settledAt) : reached;
  return { notifications: taken.notifications, next: encode({ position, recent }) };
};
