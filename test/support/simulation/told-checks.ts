import type { Item, ItemKind } from '../../../shared/domain/table/items.ts';
import { deliveryKey, endpointKey, parkingKey } from '../../../shared/domain/table/keys.ts';
import { type Delivery, isFinal } from '../../../shared/domain/webhooks/delivery.ts';
import { isOwed } from './owed.ts';
import { project, type World } from './world.ts';

const itemsOf = <K extends ItemKind>({ table }: World, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

/** Everyone who was there when something became true is told, unless they left. */
const checkOwed = (world: World): void => {
  const { webhooks, table } = world;
  for (const told of webhooks.promised.values())
    for (const facts of webhooks.endpoints.values())
      if (isOwed(facts, told) && !table.get(deliveryKey(project, told.id, facts.endpoint.id)))
        world.complain(`endpoint ${facts.endpoint.id} was never to be told ${told.id}`);
};

/** What is not over waits for its endpoint to be resumed, in line or behind another. */
const checkWaiting = (world: World, delivery: Delivery): void => {
  const { table } = world;
  const { id, endpoint, queuedPriority, waits, state } = delivery;
  const status = table.get(endpointKey(project, endpoint))?.status;
  const isInLine =
    queuedPriority !== undefined && table.get(parkingKey(delivery, queuedPriority)) !== undefined;
  if (status === undefined || status === 'active' || !(waits || isInLine))
    world.complain(`delivery ${id} is ${state} for good, while its endpoint is ${status}`);
};

const checkOver = (world: World, { id, state }: Delivery): void => {
  const { webhooks } = world;
  if (webhooks.askedAgain.has(id)) return;
  const isTaken = webhooks.claimsOf(id).some(({ post }) => post?.ok && post.isAnswered);
  if (state === 'succeeded' && !isTaken)
    world.complain(`delivery ${id} succeeded, but nobody took it`);
};

const checkAttempts = (world: World, deliveries: readonly Delivery[]): void => {
  const taken = new Set(
    itemsOf(world, 'ATTEMPT').flatMap(({ delivery, ok }) => (ok ? [delivery] : [])),
  );
  for (const { id, state } of deliveries)
    if (!world.webhooks.askedAgain.has(id) && taken.has(id) !== (state === 'succeeded'))
      world.complain(`delivery ${id} is ${state}, but its attempts say otherwise`);
};

const checkLines = (world: World): void => {
  for (const { key } of world.table.rows()) {
    if (key.kind !== 'PARK') continue;
    const [, , endpoint = ''] = key.pk.split('#');
    const status = world.table.get(endpointKey(project, endpoint))?.status;
    if (status === undefined || status === 'active')
      world.complain(`${key.sk} stands in line for good`);
  }
};

/** What customers were promised, they were told; and what is said of it is true. */
export const checkTold = (world: World): void => {
  if (!world.scenario.customer) return;
  const deliveries = itemsOf(world, 'DELIVERY');
  checkOwed(world);
  checkAttempts(world, deliveries);
  checkLines(world);
  for (const delivery of deliveries)
    if (isFinal(delivery) && delivery.queuedPriority === undefined) checkOver(world, delivery);
    else checkWaiting(world, delivery);
  for (const { id, state } of itemsOf(world, 'RECOVERY'))
    if (state === 'running') world.complain(`recovery ${id} runs for good`);
};
