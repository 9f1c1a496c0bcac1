import { deliveryKey } from '../domain/table/keys.ts';
import { deliveryId, parseDeliveryId } from '../domain/webhooks/delivery.ts';
import { withoutTexts } from '../domain/webhooks/payload.ts';
import type { CheckContext } from './check-context.ts';
import { checkOrdering } from './ordering-checks.ts';
import type { ClaimFacts, ReceivedRequest } from './webhook-log.ts';

/** Every request of one id has the same body, except erased texts. Only attempts claimed before the erasure still send those. */
const checkBody = (
  context: CheckContext,
  { notification, body }: ReceivedRequest,
  claim: ClaimFacts,
): void => {
  const { bodies, erasedAt } = context.webhooks;
  const first = bodies.get(notification) ?? body;
  const erasedBody = withoutTexts(body);
  if (body !== first && body !== withoutTexts(first) && erasedBody !== first)
    context.report(`${notification} was posted with another body`);
  if (body !== erasedBody && claim.at > (erasedAt.get(notification) ?? Number.POSITIVE_INFINITY))
    context.report(`${notification} was posted with texts that had been erased`);
  bodies.set(notification, erasedBody === first ? body : first);
};

/** The scope of a delivery whose attempt is in flight, but for a resend, which waits for no other delivery. */
const scopeInFlight = ({ table }: CheckContext, project: string, id: string): string[] => {
  const { endpoint = '', notification = '' } = parseDeliveryId(id) ?? {};
  const delivery = table.get(deliveryKey(project, notification, endpoint));
  const isResend = delivery?.leaseTrigger === 'manual';
  return delivery?.ordering && !isResend ? [delivery.ordering.scope] : [];
};

const checkInFlight = (
  context: CheckContext,
  { endpoint: { endpoint } }: ReceivedRequest,
): void => {
  const { webhooks, now } = context;
  const inFlight = [...webhooks.claims.values()].filter(
    ({ post, endpoint: id, until }) =>
      id === endpoint.id && post && !post.isAnswered && until > now(),
  );
  if (inFlight.length > endpoint.maxInFlight)
    context.report(`endpoint ${endpoint.id} had ${inFlight.length} requests at once`);
  if (!endpoint.ordered) return;
  const scopes = inFlight.flatMap(({ delivery }) =>
    scopeInFlight(context, endpoint.project, delivery),
  );
  if (new Set(scopes).size < scopes.length)
    context.report(`endpoint ${endpoint.id} had several requests of one scope at once`);
};

/** A success is posted again only after a disruption that could lose the result, or on request (at-least-once delivery). */
const checkOnce = (context: CheckContext, claim: ClaimFacts): void => {
  const { webhooks } = context;
  if (webhooks.requestedAgain.has(claim.delivery)) return;
  const others = webhooks.claimsFor(claim.delivery).filter((other) => other !== claim);
  const succeeded = others.find(({ post }) => post?.ok);
  if (!succeeded?.post?.isAnswered || succeeded.actor?.dead) return;
  if (context.disruptions() === Math.min(succeeded.disruptions, claim.disruptions))
    context.report(`${claim.delivery} was posted again after it succeeded, and nothing crashed`);
};

/**
 * Proves the invariants of every request that reaches a receiver: claimed, within the endpoint's limit, in order, with the
 * right body, and not a needless duplicate.
 *
 * @returns claim of the attempt that sent it
 */
export const checkPost = (
  context: CheckContext,
  request: ReceivedRequest,
): ClaimFacts | undefined => {
  const { webhooks } = context;
  const delivery = deliveryId(request.notification, request.endpoint.endpoint.id);
  const claim = webhooks
    .claimsFor(delivery)
    .find(({ actor, post }) => actor === context.currentActor() && !post);
  if (!claim) {
    context.report(`${delivery} was posted without a claim`);
    return undefined;
  }
  claim.post = { ok: false, isAnswered: false };
  checkBody(context, request, claim);
  checkOrdering(context, request);
  checkInFlight(context, request);
  checkOnce(context, claim);
  return claim;
};
