import { endpointKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { EndpointLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import { orderingKeyOf } from '../../domain/webhooks/notification.ts';
import { disabledOutboxId } from '../../domain/webhooks/outbox.ts';
import { enqueueHints, hints } from '../hints.ts';
import { newOutbox, put } from '../steps.ts';
import { endpointIsAt } from './conditions.ts';
import type { WithLimiterStore } from './limiter-store.ts';

/**
 * Disables an endpoint, writes the outbox that notifies the customer's other endpoints, and updates its limiter, in one
 * transaction: no later claim succeeds. Does nothing when the customer changed the endpoint meanwhile, or when the limiter
 * is no longer at `expectedLimiter`: an attempt that ended since may have succeeded. Safe to repeat.
 */
export const disableEndpoint = async (
  platform: WithLimiterStore,
  before: Endpoint,
  reason: 'gone' | 'failing',
  expectedLimiter?: EndpointLimiter,
): Promise<void> => {
  const { project, id, url, status, version } = before;
  if (status === 'disabled') return;
  const now = platform.clock.now();
  const outbox = disabledOutboxId(id, version);
  const entities = {};
  const scope = orderingKeyOf({ entities });
  const endpoint: Endpoint = {
    ...before,
    status: 'disabled',
    statusSince: { at: now, reason },
    version: version + 1,
    updatedAt: now,
  };
  const steps = [
    put(endpointKey(project, id), endpoint, endpointIsAt(version)),
    newOutbox(scope, {
      id: outbox,
      project,
      entities,
      facts: [{ type: 'endpoint.disabled', endpoint: id, url, reason }],
      order: platform.ids.next(),
      createdAt: now,
    }),
  ];
  const disabled = await platform.limiterStore.update(
    project,
    id,
    ({ limiter, endpoint: current }) =>
      expectedLimiter && expectedLimiter.version !== limiter.version
        ? { limiter, endpoint: current, value: false }
        : { limiter, endpoint, steps, value: true },
  );
  if (disabled.outcome !== 'done' || !disabled.value) return;
  platform.telemetry.log('info', 'endpoint.disabled', { project, endpoint: id, reason });
  await enqueueHints(platform, [hints.outbox(project, scope, outbox)]);
};
