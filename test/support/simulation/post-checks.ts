import { deliveryId } from '../../../shared/domain/webhooks/delivery.ts';
import { inFlightLimit } from '../../../shared/domain/webhooks/endpoint.ts';
import { withoutTexts } from '../../../shared/domain/webhooks/payload.ts';
import type { CommitScope } from './commit-scope.ts';
import { checkOrdering } from './ordering-checks.ts';
import type { ClaimFacts, Seen } from './webhook-log.ts';

/** The same id always says the same, but for texts that were erased; those only an attempt claimed before still tells. */
const checkBody = (service: CommitScope, { notification, body }: Seen, claim: ClaimFacts): void => {
  const { bodies, erasedAt } = service.webhooks;
  const first = bodies.get(notification) ?? body;
  const bare = withoutTexts(body);
  if (body !== first && body !== withoutTexts(first) && bare !== first)
    service.complain(`${notification} was posted with another body`);
  if (body !== bare && claim.at > (erasedAt.get(notification) ?? Number.POSITIVE_INFINITY))
    service.complain(`${notification} was posted with texts that had been erased`);
  bodies.set(notification, bare === first ? body : first);
};

const checkInFlight = (service: CommitScope, { endpoint: { endpoint } }: Seen): void => {
  const { webhooks, now } = service;
  const inFlight = [...webhooks.claims.values()].filter(
    ({ post, endpoint: id, until }) =>
      id === endpoint.id && post && !post.isAnswered && until > now(),
  );
  if (inFlight.length > inFlightLimit(endpoint))
    service.complain(`endpoint ${endpoint.id} had ${inFlight.length} requests at once`);
};

/** Who took it once is asked again only when nobody could know, or somebody wants it. */
const checkOnce = (service: CommitScope, claim: ClaimFacts): void => {
  const { webhooks } = service;
  if (webhooks.askedAgain.has(claim.delivery)) return;
  const others = webhooks.claimsOf(claim.delivery).filter((other) => other !== claim);
  const taken = others.find(({ post }) => post?.ok);
  if (!taken?.post?.isAnswered || taken.actor?.dead) return;
  if (service.troubles() === Math.min(taken.troubles, claim.troubles))
    service.complain(`${claim.delivery} was posted again after it succeeded, and nothing crashed`);
};

/** What must hold whenever a receiver sees a request; the claim under which it was sent. */
export const checkPost = (service: CommitScope, seen: Seen): ClaimFacts | undefined => {
  const { webhooks } = service;
  const delivery = deliveryId(seen.notification, seen.endpoint.endpoint.id);
  const claim = webhooks
    .claimsOf(delivery)
    .find(({ actor, post }) => actor === service.acting() && !post);
  if (!claim) {
    service.complain(`${delivery} was posted by one who had no right to`);
    return undefined;
  }
  claim.post = { ok: false, isAnswered: false };
  checkBody(service, seen, claim);
  checkOrdering(service, seen);
  checkInFlight(service, seen);
  checkOnce(service, claim);
  return claim;
};
