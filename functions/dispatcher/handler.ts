import { createDispatcher } from '../../shared/core/webhooks/endpoint-dispatcher.ts';
import { createFanOut } from '../../shared/core/webhooks/fan-out.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import { createRecoveryRunner } from '../../shared/core/webhooks/run-recovery.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../shared/ports/platform.ts';
import { createHintHandler, type HintHandler } from '../queue-handler.ts';

/**
 * Handles hints of the notifications queue. Created once per process: the endpoint loops, the subscriber cache and the
 * limiter store are kept in memory.
 * @param limiterStore another one than the default over the same platform, to share its transactions
 */
export const createDispatcherHandler = (
  platform: WebhookPlatform,
  limiterStore = createLimiterStore(platform),
): HintHandler => {
  const dispatcher = createDispatcher({ ...platform, limiterStore });
  const { dispatchDelivery, dispatchEndpoint } = dispatcher;
  const fanOut = createFanOut(platform, dispatcher);
  const runRecovery = createRecoveryRunner({ ...platform, limiterStore });
  return createHintHandler(platform, async (hint, limits) => {
    switch (hint.kind) {
      case 'outbox':
        return fanOut(hint, limits);
      case 'delivery':
        return dispatchDelivery(hint.project, hint.delivery, limits);
      case 'backlog':
        return dispatchEndpoint(hint.project, hint.endpoint, limits);
      case 'recovery':
        return runRecovery(hint.project, hint.endpoint, hint.recovery, limits);
      default:
        throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the dispatcher.`);
    }
  });
};
