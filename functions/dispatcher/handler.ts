import { fanOut } from '../../shared/core/fan-out.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Platform } from '../../shared/ports/platform.ts';
import { createHintHandler, type HintHandler } from '../hint-batch.ts';

/** Does what hints of the notifications queue ask for. */
export const createDispatcherHandler = (platform: Platform): HintHandler =>
  createHintHandler(platform, async (hint) => {
    if (hint.kind !== 'outbox')
      throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the dispatcher.`);
    await fanOut(platform, hint.project, hint.outbox);
  });
