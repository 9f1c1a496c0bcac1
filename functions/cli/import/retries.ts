import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '../../../shared/domain/errors.ts';

/** Tries of one request while the service is busy. */
const maxTries = 10;

/** Runs a request again while the service is busy, after the time that it asks for. */
export const withRetries = async <T>(send: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      const isBusy = error instanceof RetryableError && error.code === 'busy';
      if (!isBusy || tries === maxTries) throw error;
      await sleep(error.retryAfterMs ?? 1_000);
    }
  }
};
