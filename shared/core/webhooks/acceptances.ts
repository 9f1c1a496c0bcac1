import { pollMarkerKey, turnKey } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import { type Outbox, pendingOutbox } from '../../domain/webhooks/outbox.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { maxClockSkewMs, type Subscribers } from './subscribers.ts';

const wasPolled = async (
  { store }: CorePlatform,
  project: string,
  at: number,
): Promise<boolean> => {
  const marker = await store.get(pollMarkerKey(project));
  return marker !== undefined && marker.since <= at;
};

/**
 * Returns the acceptance of a turn that was accepted without an outbox, and the receivers that existed then. The acceptance is expanded in the
 * place of the turn's end, since later facts of the scope may be delivered already. Undefined after the retention of notifications: an
 * earlier failure of the turn may have made one that has expired.
 * @param accepted id that the outbox of the acceptance would have
 */
export const missedAcceptance = async (
  platform: CorePlatform,
  { project, order }: Outbox,
  accepted: string,
  { endpoints }: Subscribers,
): Promise<{ outbox: Outbox; subscribers: Subscribers } | undefined> => {
  const { store, clock, policy } = platform;
  const [id = ''] = accepted.split('.', 1);
  const turn = await store.get(turnKey(project, id));
  if (turn?.unannouncedAt === undefined) return undefined;
  if (turn.createdAt + policy.retainDeliveriesDays * dayMs <= clock.now()) return undefined;
  const since = turn.unannouncedAt + maxClockSkewMs;
  const receivers = endpoints.filter(({ createdAt }) => createdAt <= since);
  if (receivers.length === 0 && !(await wasPolled(platform, project, since))) return undefined;
  return {
    outbox: { ...pendingOutbox(turn), order },
    subscribers: { endpoints: receivers, storeNotifications: true },
  };
};
