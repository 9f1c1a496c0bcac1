import type { FullPlatform } from '../../shared/ports/platform.ts';
import { interceptStore, type StoreCall } from './intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from './webhook-fixture.ts';

/** Platform on which `act` runs once, right before or after the first matching store call, as a concurrent process does. */
export const interrupted = (
  { platform }: WebhookFixture,
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

/** Fixture with one pending delivery. */
export const oneDelivery = async () => {
  const service = openWebhookFixture();
  const endpoint = await service.endpoint();
  await service.fact();
  await service.fanOut();
  return { service, endpoint, id: (await service.delivery()).delivery.id };
};
