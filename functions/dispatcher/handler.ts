import { dispatchDelivery } from '../../shared/core/webhooks/deliver.ts';
import { dispatch } from '../../shared/core/webhooks/endpoint-dispatcher.ts';
import { fanOut } from '../../shared/core/webhooks/fan-out.ts';
import { runRecovery } from '../../shared/core/webhooks/run-recovery.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../shared/ports/platform.ts';
import { createHintHandler, type HintHandler } from '../queue-handler.ts';

/** Handles the hints of the notifications queue. */
export const createDispatcherHandler = (platform: WebhookPlatform): HintHandler =>
  createHintHandler(platform, async (hint, limits) => {
    switch (hint.kind) {
      case 'outbox':
        return fanOut(platform, hint, limits);
      case 'delivery':
        return dispatchDelivery(platform, hint.project, hint.delivery, limits);
      case 'backlog':
        return dispatch(platform, hint.project, hint.endpoint, limits);
      case 'recovery':
        return runRecovery(platform, hint.project, hint.endpoint, hint.recovery, limits);
      default:
        throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the dispatcher.`);
    }
  });
