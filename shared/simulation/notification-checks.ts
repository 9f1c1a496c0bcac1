import type { Item, ItemKind } from '../domain/table/items.ts';
import { backlogEntryKey, deliveryKey, endpointKey } from '../domain/table/keys.ts';
import { type Delivery, isFinal } from '../domain/webhooks/delivery.ts';
import { isExpectedRecipient } from './expected-recipients.ts';
import { project, type SimulatedService } from './simulated-service.ts';

const itemsOf = <K extends ItemKind>({ table }: SimulatedService, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

/** Every expected recipient has a delivery of every notification. */
const checkRecipients = (service: SimulatedService): void => {
  const { webhooks, table } = service;
  for (const notification of webhooks.notificationsById.values())
    for (const facts of webhooks.endpoints.values())
      if (
        isExpectedRecipient(facts, notification) &&
        !table.get(deliveryKey(project, notification.id, facts.endpoint.id))
      )
        service.report(`endpoint ${facts.endpoint.id} has no delivery of ${notification.id}`);
};

/** An unfinished delivery waits for its inactive endpoint, in the backlog or behind its predecessor. */
const checkWaiting = (service: SimulatedService, delivery: Delivery): void => {
  const { table } = service;
  const { id, endpoint, queuedPriority, blocked, state } = delivery;
  const status = table.get(endpointKey(project, endpoint))?.status;
  const isQueued =
    queuedPriority !== undefined &&
    table.get(backlogEntryKey(delivery, queuedPriority)) !== undefined;
  if (status === undefined || status === 'active' || !(blocked || isQueued))
    service.report(`delivery ${id} stays ${state} while its endpoint is ${status}`);
};

const checkSuccess = (service: SimulatedService, { id, state }: Delivery): void => {
  const { webhooks } = service;
  if (webhooks.requestedAgain.has(id)) return;
  const isAccepted = webhooks.claimsFor(id).some(({ post }) => post?.ok && post.isAnswered);
  if (state === 'succeeded' && !isAccepted)
    service.report(`delivery ${id} succeeded, but no receiver accepted it`);
};

const checkAttempts = (service: SimulatedService, deliveries: readonly Delivery[]): void => {
  const succeeded = new Set(
    itemsOf(service, 'ATTEMPT').flatMap(({ delivery, ok }) => (ok ? [delivery] : [])),
  );
  for (const { id, state } of deliveries)
    if (!service.webhooks.requestedAgain.has(id) && succeeded.has(id) !== (state === 'succeeded'))
      service.report(`delivery ${id} is ${state}, which contradicts its attempts`);
};

const checkBacklogs = (service: SimulatedService): void => {
  for (const { key } of service.table.rows()) {
    if (key.kind !== 'BACKLOG') continue;
    const [, , endpoint = ''] = key.pk.split('#');
    const status = service.table.get(endpointKey(project, endpoint))?.status;
    if (status === undefined || status === 'active')
      service.report(`${key.sk} stays in the backlog`);
  }
};

/**
 * Proves at the end of a schedule: every notification has a delivery to each expected recipient, every delivery is final
 * unless its endpoint is inactive, and a delivery's state agrees with its attempts and with what the receiver saw.
 */
export const checkNotifications = (service: SimulatedService): void => {
  if (!service.scenario.customer) return;
  const deliveries = itemsOf(service, 'DELIVERY');
  checkRecipients(service);
  checkAttempts(service, deliveries);
  checkBacklogs(service);
  for (const delivery of deliveries)
    if (isFinal(delivery) && delivery.queuedPriority === undefined) checkSuccess(service, delivery);
    else checkWaiting(service, delivery);
  for (const { id, state } of itemsOf(service, 'RECOVERY'))
    if (state === 'running') service.report(`recovery ${id} never ends`);
};
