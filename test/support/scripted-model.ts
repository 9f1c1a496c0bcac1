import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ProposedChange,
} from '../../shared/ports/language-model.ts';
import { plainLanguageModel } from './fake-models.ts';

type Answer = (request: DecideRequest, signal: AbortSignal) => Decision | Promise<Decision>;

export interface ScriptedModel extends LanguageModel {
  /** All requests, in order. */
  requests: DecideRequest[];
  /** Scripts the next calls, one answer each. */
  next(...answers: Answer[]): void;
  /** Sets the answer of all calls that are not scripted; the plain model by default. */
  always(answer: Answer): void;
}

export const createScriptedModel = (): ScriptedModel => {
  const requests: DecideRequest[] = [];
  const script: Answer[] = [];
  let fallback: Answer = plainLanguageModel.decide;
  return {
    name: 'scripted',
    quality: 'model',
    batch: { turns: 16, characters: 10_000 },
    requests,
    next: (...answers) => void script.push(...answers),
    always(answer) {
      fallback = answer;
    },
    decide: async (request, signal) => {
      requests.push(request);
      return (script.shift() ?? fallback)(request, signal);
    },
    probe: async () => ({ ok: true }),
  };
};

export const proposing =
  (...changes: ProposedChange[]): Answer =>
  () => ({ ok: true, changes, usage: { prompt: 3, completion: 2 } });

/** Adds these texts for the first turn of the request. */
export const learning = (...texts: string[]): Answer =>
  proposing(...texts.map((text) => ({ turn: 0, type: 'ADD' as const, text })));

/** Updates the listed memory that contains `known`; adds the text when there is none. */
export const rewriting =
  (known: string, text: string): Answer =>
  (request, signal) => {
    const memory = request.memories.findIndex((shown) => shown.text.includes(known));
    const change: ProposedChange = { turn: 0, type: 'ADD', text };
    return proposing(memory < 0 ? change : { ...change, type: 'UPDATE', target: { memory } })(
      request,
      signal,
    );
  };

/** Deletes every listed memory that contains `known`. */
export const forgetting =
  (known: string): Answer =>
  (request, signal) =>
    proposing(
      ...request.memories.flatMap(({ text }, memory): ProposedChange[] =>
        text.includes(known) ? [{ turn: 0, type: 'DELETE', target: { memory } }] : [],
      ),
    )(request, signal);

export const unusable =
  (fault: 'refusal' | 'invalid_answer' | 'length'): Answer =>
  () => ({
    ok: false,
    code: `model_${fault}`,
    message: `The language model refused this: ${fault}.`,
    retryable: true,
    about: 'turn',
    usage: { prompt: 1, completion: 1 },
  });

export const failing =
  (error: Error): Answer =>
  () => {
    throw error;
  };
