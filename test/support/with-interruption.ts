import type { FullPlatform } from '../../shared/ports/platform.ts';
import { interceptStore, type StoreCall } from './intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from './webhook-fixture.ts';

/** A process in whose work something comes in between once, right before (or after) the first call it concerns. */
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

/** One delivery that waits to be made. */
export const oneDelivery = async () => {
  const service = openWebhookFixture();
  const endpoint = await service.endpoint();
  await service.fact();
  await service.fanOut();
  return { service, endpoint, id: (await service.delivery()).delivery.id };
};
