import { deliveryId, isOver } from '../../../shared/domain/delivery.ts';
import { inFlightLimit } from '../../../shared/domain/endpoint.ts';
import type { Item } from '../../../shared/domain/items.ts';
import { deliveryKey } from '../../../shared/domain/keys.ts';
import { withoutTexts } from '../../../shared/domain/payload.ts';
import type { CommitWorld } from './commit-world.ts';
import type { MemoryTable } from './memory-table.ts';
import type { ClaimFacts, EndpointFacts } from './webhook-log.ts';

/** A request as its receiver sees it. */
export interface Seen {
  endpoint: EndpointFacts;
  notification: string;
  body: string;
}

const deliveriesOf = (table: MemoryTable): Item<'DELIVERY'>[] =>
  [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'DELIVERY' ? [item as Item<'DELIVERY'>] : [],
  );

/** The same id always says the same, but for texts that were erased. */
const checkBody = (world: CommitWorld, { notification, body }: Seen): void => {
  const bodies = world.webhooks.bodies.get(notification) ?? [];
  const last = bodies.at(-1);
  if (last === body) return;
  if (last !== undefined && (bodies.length > 1 || withoutTexts(last) !== body))
    world.complain(`${notification} was posted with another body`);
  world.webhooks.bodies.set(notification, [...bodies, body]);
};

const checkOrder = (world: CommitWorld, { endpoint: { endpoint }, notification }: Seen): void => {
  if (!endpoint.ordered) return;
  const { table, webhooks } = world;
  const lane = table.get(deliveryKey(endpoint.project, notification, endpoint.id))?.lane;
  for (const other of deliveriesOf(table))
    if (
      lane &&
      other.endpoint === endpoint.id &&
      other.lane?.scope === lane.scope &&
      other.lane.number < lane.number &&
      !isOver(other) &&
      !webhooks.askedAgain.has(other.id)
    )
      world.complain(`${notification} was posted before ${other.notification}, which is earlier`);
};

const checkInFlight = (world: CommitWorld, { endpoint: { endpoint } }: Seen): void => {
  const { webhooks, now } = world;
  const inFlight = [...webhooks.claims.values()].filter(
    ({ post, endpoint: id, until }) =>
      id === endpoint.id && post && !post.isAnswered && until > now(),
  );
  if (inFlight.length > inFlightLimit(endpoint))
    world.complain(`endpoint ${endpoint.id} had ${inFlight.length} requests at once`);
};

/** Who took it once is asked again only when nobody could know, or somebody wants it. */
const checkOnce = (world: CommitWorld, claim: ClaimFacts): void => {
  const { webhooks } = world;
  if (webhooks.askedAgain.has(claim.delivery)) return;
  const others = webhooks.claimsOf(claim.delivery).filter((other) => other !== claim);
  const taken = others.find(({ post }) => post?.ok);
  if (!taken?.post?.isAnswered || taken.actor?.dead) return;
  if (world.troubles() === Math.min(taken.troubles, claim.troubles))
    world.complain(`${claim.delivery} was posted again after it succeeded, and nothing crashed`);
};

/** What must hold whenever a receiver sees a request; the claim under which it was sent. */
export const checkPost = (world: CommitWorld, seen: Seen): ClaimFacts | undefined => {
  const { webhooks } = world;
  const delivery = deliveryId(seen.notification, seen.endpoint.endpoint.id);
  const claim = webhooks
    .claimsOf(delivery)
    .find(({ actor, post }) => actor === world.acting() && !post);
  if (!claim) {
    world.complain(`${delivery} was posted by one who had no right to`);
    return undefined;
  }
  claim.post = { ok: false, isAnswered: false };
  checkBody(world, seen);
  checkOrder(world, seen);
  checkInFlight(world, seen);
  checkOnce(world, claim);
  return claim;
};
