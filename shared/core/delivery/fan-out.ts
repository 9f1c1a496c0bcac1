import { outboxKey } from '../../domain/keys.ts';
import { laneOf } from '../../domain/notification.ts';
import { type Outbox, pendingOutboxOf } from '../../domain/outbox.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Hint } from '../../ports/queue.ts';
import { everyPage } from '../every-page.ts';
import { hint } from '../hint.ts';
import type { Budget } from '../refine/refine.ts';
import { audienceOf } from './audience.ts';
import { inTurn } from './in-turn.ts';
import { type Preparation, tell } from './tell.ts';

/** What of the same scope came before it and waits to be told, in order. */
const earlierThan = async ({ store }: Backstage, outbox: Outbox): Promise<string[]> => {
  const { pk } = outboxKey(outbox.project, laneOf(outbox), '');
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
const tellAll = async (
  platform: Backstage,
  at: OutboxHint,
  prepare: Preparation,
): Promise<boolean> => {
  const { project, scope, outbox: id } = at;
  for (;;) {
    const outbox = await platform.store.get(outboxKey(project, scope, id));
    if (!outbox) return true;
    const audience = await audienceOf(platform, project, outbox.createdAt);
    const pending = audience.isKept ? pendingOutboxOf(id) : undefined;
    if (pending !== undefined && !(await tellAll(platform, { ...at, outbox: pending }, prepare)))
      return false;
    const told = await tell(platform, outbox, audience, prepare);
    if (told !== 'again') return told === 'done';
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
  platform: Backstage,
  at: OutboxHint,
  { deadlineAt }: Pick<Budget, 'deadlineAt'>,
): Promise<void> => {
  const { project, scope } = at;
  const tellEarlier = async (outbox: Outbox): Promise<boolean> => {
    for (const earlier of await earlierThan(platform, outbox)) {
      if (platform.clock.now() >= deadlineAt) return false;
      await tellAll(platform, { ...at, outbox: earlier }, async () => true);
    }
    return true;
  };
  const prepare: Preparation = (outbox) =>
    inTurn(platform.store, `${project} ${scope}`, () => tellEarlier(outbox));
  if (!(await tellAll(platform, at, prepare))) await hint(platform, [at]);
};
