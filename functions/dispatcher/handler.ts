import { dispatchDelivery } from '../../shared/core/delivery/deliver.ts';
import { dispatch } from '../../shared/core/delivery/drain-line.ts';
import { fanOut } from '../../shared/core/delivery/fan-out.ts';
import { runRecovery } from '../../shared/core/recovery/run-recovery.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { WebhookPlatform } from '../../shared/ports/platform.ts';
import { createHintHandler, type HintHandler } from '../hint-batch.ts';

/** Does what hints of the notifications queue ask for. */
export const createDispatcherHandler = (platform: WebhookPlatform): HintHandler =>
  createHintHandler(platform, async (hint, limits) => {
    switch (hint.kind) {
      case 'outbox':
        return fanOut(platform, hint, limits);
      case 'delivery':
        return dispatchDelivery(platform, hint.project, hint.delivery, limits);
      case 'gate':
        return dispatch(platform, hint.project, hint.endpoint, limits);
      case 'recovery':
        return runRecovery(platform, hint.project, hint.endpoint, hint.recovery, limits);
      default:
        throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the dispatcher.`);
    }
  });
