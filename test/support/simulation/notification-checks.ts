import type { Item, ItemKind } from '../../../shared/domain/table/items.ts';
import { backlogEntryKey, deliveryKey, endpointKey } from '../../../shared/domain/table/keys.ts';
import { type Delivery, isFinal } from '../../../shared/domain/webhooks/delivery.ts';
import { isOwed } from './expected-recipients.ts';
import { project, type SimulatedService } from './simulated-service.ts';

const itemsOf = <K extends ItemKind>({ table }: SimulatedService, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

/** Everyone who was there when something became true is told, unless they left. */
const checkOwed = (service: SimulatedService): void => {
  const { webhooks, table } = service;
  for (const told of webhooks.promised.values())
    for (const facts of webhooks.endpoints.values())
      if (isOwed(facts, told) && !table.get(deliveryKey(project, told.id, facts.endpoint.id)))
        service.complain(`endpoint ${facts.endpoint.id} was never to be told ${told.id}`);
};

/** What is not over waits for its endpoint to be resumed, in line or behind another. */
const checkWaiting = (service: SimulatedService, delivery: Delivery): void => {
  const { table } = service;
  const { id, endpoint, queuedPriority, blocked, state } = delivery;
  const status = table.get(endpointKey(project, endpoint))?.status;
  const isInLine =
    queuedPriority !== undefined &&
    table.get(backlogEntryKey(delivery, queuedPriority)) !== undefined;
  if (status === undefined || status === 'active' || !(blocked || isInLine))
    service.complain(`delivery ${id} is ${state} for good, while its endpoint is ${status}`);
};

const checkOver = (service: SimulatedService, { id, state }: Delivery): void => {
  const { webhooks } = service;
  if (webhooks.askedAgain.has(id)) return;
  const isTaken = webhooks.claimsOf(id).some(({ post }) => post?.ok && post.isAnswered);
  if (state === 'succeeded' && !isTaken)
    service.complain(`delivery ${id} succeeded, but nobody took it`);
};

const checkAttempts = (service: SimulatedService, deliveries: readonly Delivery[]): void => {
  const taken = new Set(
    itemsOf(service, 'ATTEMPT').flatMap(({ delivery, ok }) => (ok ? [delivery] : [])),
  );
  for (const { id, state } of deliveries)
    if (!service.webhooks.askedAgain.has(id) && taken.has(id) !== (state === 'succeeded'))
      service.complain(`delivery ${id} is ${state}, but its attempts say otherwise`);
};

const checkLines = (service: SimulatedService): void => {
  for (const { key } of service.table.rows()) {
    if (key.kind !== 'BACKLOG') continue;
    const [, , endpoint = ''] = key.pk.split('#');
    const status = service.table.get(endpointKey(project, endpoint))?.status;
    if (status === undefined || status === 'active')
      service.complain(`${key.sk} stands in line for good`);
  }
};

/** What customers were promised, they were told; and what is said of it is true. */
export const checkNotifications = (service: SimulatedService): void => {
  if (!service.scenario.customer) return;
  const deliveries = itemsOf(service, 'DELIVERY');
  checkOwed(service);
  checkAttempts(service, deliveries);
  checkLines(service);
  for (const delivery of deliveries)
    if (isFinal(delivery) && delivery.queuedPriority === undefined) checkOver(service, delivery);
    else checkWaiting(service, delivery);
  for (const { id, state } of itemsOf(service, 'RECOVERY'))
    if (state === 'running') service.complain(`recovery ${id} runs for good`);
};
