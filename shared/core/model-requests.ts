import { RetryableError } from '../domain/errors.ts';
import type { Platform } from '../ports/platform.ts';
import { currentOutage } from './refine/breaker.ts';

/** Requests of the API that ask a model at once in one process: of all projects, and of one. */
const maxRunning = 8;
const maxPerProject = 2;
/** Longest wait for a model within a request of the API, ms; below the 30 s timeout of gateways and clients. */
const timeoutMs = 25_000;
const retryAfterMs = 1_000;

/** Runs a call of a model within a request of the API. */
export type AskModel = <T>(
  project: string,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

const busy = (): RetryableError =>
  new RetryableError('model_busy', 'Too many requests ask the model at once.', retryAfterMs);

const late = (): RetryableError =>
  new RetryableError('model_timeout', 'The model did not answer within 25 seconds.', retryAfterMs);

const gone = (): RetryableError =>
  new RetryableError('request_closed', 'The client did not wait for the model.');

/**
 * Bounds the calls that requests of the API make to a model: a few at once, fewer of one project, none during an outage, and 25 seconds
 * each. A call beyond the bounds is refused at once instead of waiting, so that no project delays another one.
 * @throws RetryableError model_busy, model_timeout, request_closed, or the code of the outage
 */
export const createModelRequests = (platform: Platform): AskModel => {
  const running = new Map<string, number>();
  let total = 0;

  const enter = (project: string): void => {
    const own = running.get(project) ?? 0;
    if (total >= maxRunning || own >= maxPerProject) throw busy();
    running.set(project, own + 1);
    total += 1;
  };

  const leave = (project: string): void => {
    const own = (running.get(project) ?? 1) - 1;
    if (own === 0) running.delete(project);
    else running.set(project, own);
    total -= 1;
  };

  return async (project, signal, ask) => {
    const outage = await currentOutage(platform);
    if (outage) throw new RetryableError(outage.error.code, outage.error.message, retryAfterMs);
    enter(project);
    const [timeout, answered] = [new AbortController(), new AbortController()];
    void platform.clock.sleep(timeoutMs, answered.signal).then(() => timeout.abort());
    try {
      return await ask(AbortSignal.any([signal, timeout.signal]));
    } catch (error) {
      if (signal.aborted) throw gone();
      throw timeout.signal.aborted ? late() : error;
    } finally {
      answered.abort();
      leave(project);
    }
  };
};
