import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ProposedChange,
} from '../../shared/ports/language-model.ts';
import { plainLanguageModel } from './fake-models.ts';

type Answer = (request: DecideRequest, signal: AbortSignal) => Decision | Promise<Decision>;

export interface ScriptedModel extends LanguageModel {
  /** What it was asked, in order. */
  requests: DecideRequest[];
  /** Answers the next calls like this, one each; then as the plain model does. */
  next(...answers: Answer[]): void;
  /** Answers every call that nothing else is scripted for. */
  always(answer: Answer): void;
}

export const createScriptedModel = (): ScriptedModel => {
  const requests: DecideRequest[] = [];
  const script: Answer[] = [];
  let usual: Answer = plainLanguageModel.decide;
  return {
    name: 'scripted',
    quality: 'model',
    batch: { turns: 16, characters: 10_000 },
    requests,
    next: (...answers) => void script.push(...answers),
    always(answer) {
      usual = answer;
    },
    decide: async (request, signal) => {
      requests.push(request);
      return (script.shift() ?? usual)(request, signal);
    },
    probe: async () => ({ ok: true }),
  };
};

export const proposing =
  (...changes: ProposedChange[]): Answer =>
  () => ({ ok: true, changes, usage: { prompt: 3, completion: 2 } });

/** Learns these texts from the first turn it is shown. */
export const learning = (...texts: string[]): Answer =>
  proposing(...texts.map((text) => ({ turn: 0, type: 'ADD' as const, text })));

/** Changes the memory it is shown that says `known`; adds the text when it is shown none. */
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

/** Deletes every memory it is shown that says `known`. */
export const forgetting =
  (known: string): Answer =>
  (request, signal) =>
    proposing(
      ...request.memories.flatMap(({ text }, memory): ProposedChange[] =>
        text.includes(known) ? [{ turn: 0, type: 'DELETE', target: { memory } }] : [],
      ),
    )(request, signal);

export const unusable =
  (fault: 'refusal' | 'junk' | 'length'): Answer =>
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
