import type { Item } from '../../../shared/domain/table/items.ts';
import { deliveryKey } from '../../../shared/domain/table/keys.ts';
import { deliveryId, isFinal } from '../../../shared/domain/webhooks/delivery.ts';
import { type Notification, orderingKeyOf } from '../../../shared/domain/webhooks/notification.ts';
import type { CommitScope } from './commit-scope.ts';
import { isOwed } from './expected-recipients.ts';
import type { MemoryTable } from './memory-table.ts';
import type { Seen } from './webhook-log.ts';

type Lane = NonNullable<Item<'DELIVERY'>['ordering']>;

const deliveriesOf = (table: MemoryTable): Item<'DELIVERY'>[] =>
  [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'DELIVERY' ? [item as Item<'DELIVERY'>] : [],
  );

/** What is earlier in the lane is over, and nothing shares its place. */
const checkEarlier = (
  { table, webhooks, complain }: CommitScope,
  { endpoint: { endpoint }, notification }: Seen,
  tail: Lane,
): void => {
  for (const other of deliveriesOf(table))
    if (
      other.endpoint === endpoint.id &&
      other.notification !== notification &&
      other.ordering?.scope === tail.scope &&
      other.ordering.number <= tail.number &&
      !isFinal(other) &&
      !webhooks.askedAgain.has(other.id)
    )
      complain(`${notification} was posted before ${other.notification}, which is earlier`);
};

/** A recovery made it, before its fan-out came to it: its number is its place among its like, and none of the lane. */
const isMadeAgain = ({ recovery, stateBeforeRecovery }: Item<'DELIVERY'>): boolean =>
  recovery !== undefined && stateBeforeRecovery === undefined;

/** Whether one was true before the other came about; of what came about side by side, either may come first. */
const precedes = (
  { history, webhooks: { origins } }: CommitScope,
  before: string,
  after: string,
): boolean => {
  const [one, other] = [origins.get(before), origins.get(after)];
  if (!one || !other) return false;
  if (one.order === other.order) return one.place < other.place;
  return one.at < (history.births.get(other.order) ?? 0);
};

/** The lane is in the order in which its facts came about, and none is missing. */
const checkFacts = (service: CommitScope, { endpoint, notification }: Seen, tail: Lane): void => {
  const { table, webhooks, complain } = service;
  const { id, project } = endpoint.endpoint;
  const isOrdered = (told: Notification): boolean =>
    orderingKeyOf(told) === tail.scope &&
    isOwed(endpoint, told) &&
    !webhooks.askedAgain.has(deliveryId(told.id, id)) &&
    precedes(service, told.id, notification);
  for (const told of webhooks.promised.values()) {
    if (!isOrdered(told)) continue;
    const earlier = table.get(deliveryKey(project, told.id, id))?.ordering;
    if (!earlier || earlier.number > tail.number)
      complain(`${notification} was posted before ${told.id}, which came about earlier`);
  }
};

/** What an endpoint that keeps an order sees is in order; what somebody asked for again comes when it comes. */
export const checkOrdering = (service: CommitScope, seen: Seen): void => {
  const { endpoint } = seen.endpoint;
  if (!endpoint.ordered) return;
  const delivery = service.table.get(deliveryKey(endpoint.project, seen.notification, endpoint.id));
  if (!delivery?.ordering) return;
  if (!isMadeAgain(delivery)) checkEarlier(service, seen, delivery.ordering);
  if (!service.webhooks.askedAgain.has(delivery.id)) checkFacts(service, seen, delivery.ordering);
};
