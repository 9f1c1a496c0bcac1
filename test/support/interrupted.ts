import type { FullPlatform } from '../../shared/ports/platform.ts';
import { interceptStore, type StoreCall } from './intercepted-store.ts';
import { openWebhookWorld, type WebhookWorld } from './webhook-world.ts';

/** A process in whose work something comes in between once, right before (or after) the first call it concerns. */
export const interrupted = (
  { platform }: WebhookWorld,
  concerns: (call: StoreCall) => boolean,
  act: () => Promise<unknown>,
  when: 'before' | 'after' = 'before',
): FullPlatform => {
  let isOver = false;
  const between = async (call: StoreCall): Promise<void> => {
    if (isOver || !concerns(call)) return;
    isOver = true;
    await act();
  };
  return { ...platform, store: interceptStore(platform.store, { [when]: between }) };
};

/** One delivery that waits to be made. */
export const oneDelivery = async () => {
  const world = openWebhookWorld();
  const endpoint = await world.endpoint();
  await world.fact();
  await world.fanOut();
  return { world, endpoint, id: (await world.delivery()).delivery.id };
};
