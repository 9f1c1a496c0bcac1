import { parseDeliveryId } from '../../domain/webhooks/delivery.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Deadline } from '../deadline.ts';
import { dispatch } from './endpoint-dispatcher.ts';

/**
 * Makes the attempt that a delivery is due for, or leaves it to whoever is at work for its endpoint in this process. It
 * stays due until it is claimed, so that nothing is lost with this hint.
 */
export const dispatchDelivery = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
  budget: Deadline,
): Promise<void> => {
  const { endpoint } = parseDeliveryId(id) ?? {};
  if (endpoint !== undefined) await dispatch(platform, project, endpoint, budget, id);
};
