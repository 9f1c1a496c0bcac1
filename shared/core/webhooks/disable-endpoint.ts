import { endpointKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { EndpointLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import { orderingKeyOf } from '../../domain/webhooks/notification.ts';
import { disabledOutboxId } from '../../domain/webhooks/outbox.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { endpointIsAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { newOutbox, put } from '../steps.ts';
import { updateLimiter } from './gate-keeper.ts';

/**
 * Takes an endpoint out of service and, in the same transaction, notes it for the customer's other endpoints; nobody who
 * is about to pass its gate does so any more. Not done when the customer changed it meanwhile, or an attempt ended since
 * its gate was judged: what was held against it may no longer hold.
 */
export const disableEndpoint = async (
  platform: CorePlatform,
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
  const disabled = await updateLimiter(platform, project, id, ({ limiter, endpoint: at }) =>
    expectedLimiter && expectedLimiter.version !== limiter.version
      ? { limiter, endpoint: at, value: false }
      : { limiter, endpoint, steps, value: true },
  );
  if (disabled.outcome !== 'done' || !disabled.value) return;
  platform.telemetry.log('info', 'endpoint.disabled', { project, endpoint: id, reason });
  await enqueueHints(platform, [hints.outbox(project, scope, outbox)]);
};
