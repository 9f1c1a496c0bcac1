import { deliver, drainLine } from '../../shared/core/delivery/deliver.ts';
import { fanOut } from '../../shared/core/delivery/fan-out.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Dispatch } from '../../shared/ports/platform.ts';
import { createHintHandler, type HintHandler } from '../hint-batch.ts';

/** Does what hints of the notifications queue ask for. */
export const createDispatcherHandler = (platform: Dispatch): HintHandler =>
  createHintHandler(platform, async (hint, limits) => {
    switch (hint.kind) {
      case 'outbox':
        return fanOut(platform, hint.project, hint.outbox);
      case 'delivery':
        return deliver(platform, hint.project, hint.delivery, limits);
      case 'gate':
        return drainLine(platform, hint.project, hint.endpoint, limits);
      default:
        throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the dispatcher.`);
    }
  });
