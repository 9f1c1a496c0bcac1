import { LimitReachedError, RetryableError } from '../domain/errors.ts';
import type { Usage } from '../ports/language-model.ts';
import type { Platform } from '../ports/platform.ts';
import { budgetError, countTokens, spentBudget } from './model-budget.ts';
import { currentOutage } from './refine/breaker.ts';

/** Requests of the API that ask a model at once in one process: of all projects, and of one. */
const maxRunning = 8;
const maxPerProject = 2;
/** Longest wait for a model within a request of the API, ms; below the 30 s timeout of gateways and clients. */
const timeoutMs = 25_000;
const retryAfterMs = 1_000;

/** Runs a call of a model within a request of the API. */
export type AskModel = <T extends { usage: Usage }>(
  project: string,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

/** As AskModel, of a model that the breaker and the budgets of the language model do not concern. */
type AskEmbedder = <T>(
  project: string,
  signal: AbortSignal,
  ask: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

export interface ModelRequests {
  /** @throws RetryableError model_busy, model_timeout, request_closed, or the code of the outage; LimitReachedError model_budget_spent */
  askModel: AskModel;
  /** @throws RetryableError model_busy, model_timeout, request_closed */
  askEmbedder: AskEmbedder;
}

const busy = (): RetryableError =>
  new RetryableError('model_busy', 'Too many requests ask the model at once.', retryAfterMs);

const late = (): RetryableError =>
  new RetryableError('model_timeout', 'The model did not answer within 25 seconds.', retryAfterMs);

const gone = (): RetryableError =>
  new RetryableError('request_closed', 'The client did not wait for the model.');

/**
 * Bounds the calls that requests of the API make to a model: a few at once, fewer of one project, and 25 seconds each; of the language
 * model none during an outage or beyond a budget of tokens. A call beyond the bounds is refused at once instead of waiting, so that no
 * project delays another one.
 */
const createModelRequests = (platform: Platform): ModelRequests => {
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

  const askEmbedder: AskEmbedder = async (project, signal, ask) => {
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

  return {
    askEmbedder,
    async askModel(project, signal, ask) {
      const outage = await currentOutage(platform);
      if (outage) throw new RetryableError(outage.error.code, outage.error.message, retryAfterMs);
      const spent = await spentBudget(platform, project);
      if (spent) {
        const { code, message } = budgetError(spent);
        throw new LimitReachedError(code, message, spent.resetsAt - platform.clock.now());
      }
      const answer = await askEmbedder(project, signal, ask);
      await countTokens(platform, project, answer.usage);
      return answer;
    },
  };
};

const known = new WeakMap<Platform, ModelRequests>();

/** Returns the one set of bounds of a process, which all surfaces share. */
export const modelRequestsOf = (platform: Platform): ModelRequests => {
  const requests = known.get(platform) ?? createModelRequests(platform);
  known.set(platform, requests);
  return requests;
};
