import type { Shaped } from '../../domain/derived/shaped-value.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import type { Filled, FillRequest } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import { budgetCheckAt, countTokens, spentBudget } from '../model-budget.ts';
import { outageAfterFailure, outageAfterProbe } from '../refine/breaker.ts';
import type { ModelAdmission } from '../refine/model-admission.ts';
import type { RefineLimits } from '../refine/refine.ts';

/** Pause before the model is asked again after an outage, ms. */
const outagePauseMs = 30_000;
/** Requests for one object whose answers are unusable. */
const maxAttempts = 2;

/** Outcome of filling an object: `waits` for the model, `stopped` with the process, or `failed` for good. */
export type Made =
  | { outcome: 'made'; value: Shaped }
  | { outcome: 'waits'; ms: number }
  | { outcome: 'stopped' }
  | { outcome: 'failed'; error: ErrorInfo };

/** Share of a run in the process. */
export interface FillLimits {
  /** Project that the tokens count for. */
  project: string;
  signal: AbortSignal;
  model: ModelAdmission;
  /** Of a run that waits for no model: see RefineLimits. */
  giveWay?: RefineLimits['giveWay'];
}

const waits: Made = { outcome: 'waits', ms: outagePauseMs };

const failure = ({ code, message, retryable }: Extract<Filled, { ok: false }>): Made => ({
  outcome: 'failed',
  error: { code, message, retryable },
});

const askModel = async (
  platform: Platform,
  project: string,
  fill: NonNullable<Platform['languageModel']['fill']>,
  request: FillRequest,
  signal: AbortSignal,
): Promise<Made> => {
  for (let attempt = 1; ; attempt++) {
    const answer = await fill(request, signal);
    await countTokens(platform, project, answer.usage);
    if (answer.ok) return { outcome: 'made', value: answer.value };
    platform.telemetry.log('warn', 'model.fill_failed', { code: answer.code });
    if (answer.about === 'service') {
      const outage = await outageAfterFailure(
        platform,
        { failure: answer, outageVersion: undefined },
        signal,
      );
      if (outage) return waits;
    }
    if (attempt === maxAttempts) return failure(answer);
  }
};

/**
 * Fills an object from memories by the language model, under its circuit breaker and its budgets, and within the admission of the process. Writes
 * nothing besides the state of the breaker, so a call is safe to repeat.
 */
export const filledByModel = async (
  platform: Platform,
  fill: NonNullable<Platform['languageModel']['fill']>,
  request: FillRequest,
  { project, signal, model }: FillLimits,
): Promise<Made> => {
  if (!(await model.enter())) return { outcome: 'stopped' };
  try {
    const spent = await spentBudget(platform, project);
    const now = platform.clock.now();
    if (spent)
      return { outcome: 'waits', ms: budgetCheckAt(spent, now, platform.ids.random()) - now };
    if (await outageAfterProbe(platform, signal)) return waits;
    return await askModel(platform, project, fill, request, signal);
  } catch (error) {
    if (signal.aborted) return { outcome: 'stopped' };
    throw error;
  } finally {
    await model.exit();
  }
};
