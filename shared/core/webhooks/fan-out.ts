import { outboxKey } from '../../domain/table/keys.ts';
import { orderingKeyOf } from '../../domain/webhooks/notification.ts';
import { acceptedOutboxId, type Outbox } from '../../domain/webhooks/outbox.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import type { Deadline } from '../deadline.ts';
import { enqueueHints } from '../hints.ts';
import { everyPage } from '../pagination.ts';
import { type DrainEarlier, expandOutbox } from './expand-outbox.ts';
import { withKeyLock } from './in-turn.ts';
import { loadSubscribers } from './subscribers.ts';

/** What of the same scope came before it and waits to be told, in order. */
const earlierOutboxes = async ({ store }: CorePlatform, outbox: Outbox): Promise<string[]> => {
  const { pk } = outboxKey(outbox.project, orderingKeyOf(outbox), '');
  const waiting = await everyPage((from) =>
    store.query({ kind: 'OUTBOX', pk, prefix: 'OUTBOX#', ...from }),
  );
  return waiting
    .map(({ item }) => item)
    .filter(({ order }) => order < outbox.order)
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ id }) => id);
};

type OutboxHint = Extract<Hint, { kind: 'outbox' }>;

/** False when time was up before it was done. */
const expandUntilStable = async (
  platform: CorePlatform,
  at: OutboxHint,
  drainEarlier: DrainEarlier,
): Promise<boolean> => {
  const { project, scope, outbox: id } = at;
  for (;;) {
    const outbox = await platform.store.get(outboxKey(project, scope, id));
    if (!outbox) return true;
    const audience = await loadSubscribers(platform, project, outbox.createdAt);
    const pending = audience.storeNotifications ? acceptedOutboxId(id) : undefined;
    if (
      pending !== undefined &&
      !(await expandUntilStable(platform, { ...at, outbox: pending }, drainEarlier))
    )
      return false;
    const result = await expandOutbox(platform, outbox, audience, drainEarlier);
    if (result !== 'again') return result === 'done';
  }
};

/**
 * Tells everyone who asked to be told: makes the notifications of an outbox and a delivery to each endpoint that wants
 * it, under ids that follow from the outbox, and is done with it. Repeating it, twice at once or after a crash at any
 * point, makes nothing twice. That a turn was taken in is told before what became of it.
 *
 * Endpoints that keep an order are told of a scope in the order in which it came about, whichever hint comes first:
 * whatever was there before this outbox and is still untold is told before it. What takes too long is hinted at again.
 */
export const fanOut = async (
  platform: CorePlatform,
  at: OutboxHint,
  { deadlineAt }: Pick<Deadline, 'deadlineAt'>,
): Promise<void> => {
  const { project, scope } = at;
  const expandEarlier = async (outbox: Outbox): Promise<boolean> => {
    for (const earlier of await earlierOutboxes(platform, outbox)) {
      if (platform.clock.now() >= deadlineAt) return false;
      await expandUntilStable(platform, { ...at, outbox: earlier }, async () => true);
    }
    return true;
  };
  const drainEarlier: DrainEarlier = (outbox) =>
    withKeyLock(platform.store, `${project} ${scope}`, () => expandEarlier(outbox));
  if (!(await expandUntilStable(platform, at, drainEarlier))) await enqueueHints(platform, [at]);
};
