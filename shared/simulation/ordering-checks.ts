import type { Item } from '../domain/table/items.ts';
import { deliveryKey } from '../domain/table/keys.ts';
import { deliveryId, isFinal } from '../domain/webhooks/delivery.ts';
import { type Notification, orderingKeyOf } from '../domain/webhooks/notification.ts';
import type { CheckContext } from './check-context.ts';
import { isExpectedRecipient } from './expected-recipients.ts';
import type { MemoryTable } from './memory-table.ts';
import type { ReceivedRequest } from './webhook-log.ts';

type Ordering = NonNullable<Item<'DELIVERY'>['ordering']>;

const deliveriesOf = (table: MemoryTable): Item<'DELIVERY'>[] =>
  [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'DELIVERY' ? [item as Item<'DELIVERY'>] : [],
  );

/** Earlier deliveries of the ordering are final, and no other delivery has the same number. */
const checkEarlier = (
  { table, webhooks, report }: CheckContext,
  { endpoint: { endpoint }, notification }: ReceivedRequest,
  ordering: Ordering,
): void => {
  for (const other of deliveriesOf(table))
    if (
      other.endpoint === endpoint.id &&
      other.notification !== notification &&
      other.ordering?.scope === ordering.scope &&
      other.ordering.number <= ordering.number &&
      !isFinal(other) &&
      !webhooks.requestedAgain.has(other.id)
    )
      report(`${notification} was posted before ${other.notification}, which is earlier`);
};

/** Whether the first fact was committed before the request of the second began. Concurrent facts may go in either order. */
const precedes = (
  { history, webhooks: { origins } }: CheckContext,
  before: string,
  after: string,
): boolean => {
  const [one, other] = [origins.get(before), origins.get(after)];
  if (!one || !other) return false;
  if (one.order === other.order) return one.place < other.place;
  return one.at < (history.idCreatedAt.get(other.order) ?? 0);
};

/** Notifications of earlier facts have lower numbers in the ordering, and none is missing. */
const checkFacts = (
  context: CheckContext,
  { endpoint, notification }: ReceivedRequest,
  ordering: Ordering,
): void => {
  const { table, webhooks, report } = context;
  const { id, project } = endpoint.endpoint;
  const isEarlier = (other: Notification): boolean =>
    orderingKeyOf(other) === ordering.scope &&
    isExpectedRecipient(endpoint, other) &&
    !webhooks.requestedAgain.has(deliveryId(other.id, id)) &&
    precedes(context, other.id, notification);
  for (const other of webhooks.notificationsById.values()) {
    if (!isEarlier(other)) continue;
    const earlier = table.get(deliveryKey(project, other.id, id))?.ordering;
    if (!earlier || earlier.number > ordering.number)
      report(`${notification} was posted before ${other.id}, whose fact is earlier`);
  }
};

/** Proves ordered delivery: an ordered endpoint sees notifications of a scope in the order of facts, resends excepted. */
export const checkOrdering = (context: CheckContext, request: ReceivedRequest): void => {
  const { endpoint } = request.endpoint;
  if (!endpoint.ordered) return;
  const delivery = context.table.get(
    deliveryKey(endpoint.project, request.notification, endpoint.id),
  );
  if (!delivery?.ordering) return;
  const { createdByRecovery, requestedAgain } = context.webhooks;
  if (!createdByRecovery.has(delivery.id)) checkEarlier(context, request, delivery.ordering);
  if (!requestedAgain.has(delivery.id)) checkFacts(context, request, delivery.ordering);
};
