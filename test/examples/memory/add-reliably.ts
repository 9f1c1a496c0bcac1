import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AddOptions,
  type AddResult,
  ConnectionError,
  type MemoryOperations,
  type Messages,
  PendingError,
  RateLimitError,
} from '../../../functions/library/index.ts';

const isWorthRetrying = (error: unknown): boolean =>
  error instanceof ConnectionError || error instanceof RateLimitError;

/**
 * Adds with a time limit, and repeats what a repeat can help. The idempotency key makes all tries one add. An add that is only
 * slow is stored already, so its event is awaited instead.
 */
export const addReliably = async (
  memory: MemoryOperations,
  messages: Messages,
  options: AddOptions & { idempotencyKey: string; timeoutMs: number },
  tries = 3,
): Promise<AddResult | { eventId: string; status: string }> => {
  for (let tried = 1; ; tried += 1) {
    try {
      return await memory.add(messages, { ...options, wait: true });
    } catch (error) {
      if (error instanceof PendingError)
        return memory
          .waitForEvent(error.eventId)
          .then(({ id, status }) => ({ eventId: id, status }));
      if (!isWorthRetrying(error) || tried === tries) throw error;
      await sleep(100 * 2 ** tried);
    }
  }
};
