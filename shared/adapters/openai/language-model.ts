import { faultOf, RetryableError } from '../../domain/errors.ts';
import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ModelFailure,
  ProposedChange,
  Usage,
} from '../../ports/language-model.ts';
import { answerSchema, type Read, readAnswer } from './answer.ts';
import { changesOf } from './changes.ts';
import { createClient, type OpenAiSettings } from './client.ts';
import { type Completion, completionOf, noUsage, rejectionOf, unusable } from './completion.ts';
import { dialectFields, fullDialect, plainer } from './dialect.ts';
import { RequestRejected } from './faults.ts';
import { type PromptMessage, promptFor, repairOf } from './prompt.ts';

const sum = (a: Usage, b: Usage): Usage => ({
  prompt: a.prompt + b.prompt,
  completion: a.completion + b.completion,
});

const failureOf = (error: unknown): ModelFailure => {
  const fault = faultOf(error);
  const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : undefined;
  return {
    ...fault,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    about: fault.code === 'model_rejected' ? 'turn' : 'service',
  };
};

const changesIn = (content: string, request: DecideRequest): Read<ProposedChange[]> => {
  const answer = readAnswer(content);
  return answer.ok ? changesOf(answer.value, request) : answer;
};

/**
 * Decides with a chat model of OpenAI or of a compatible server. An answer that cannot be read is asked for once more,
 * with what is wrong with it. What the server does not understand of the API is left out from then on.
 * An abort rejects with the signal's reason.
 */
export const createOpenAiLanguageModel = (settings: OpenAiSettings): LanguageModel => {
  const { model } = settings;
  const call = createClient(settings, 'model');
  let dialect = fullDialect;

  const complete = async (
    messages: PromptMessage[],
    schema: { [key: string]: unknown },
    signal: AbortSignal,
    tried = dialect,
  ): Promise<Completion> => {
    const body = { model, messages, ...dialectFields(tried, schema) };
    try {
      const answer = await call(
        (sdk, options) => sdk.chat.completions.create(body, options),
        signal,
      );
      // Remembered only now: a request may also be refused for what it says.
      dialect = tried;
      return completionOf(answer);
    } catch (error) {
      if (!(error instanceof RequestRejected)) throw error;
      const unusable = rejectionOf(error);
      return unusable ?? (await complete(messages, schema, signal, plainer(tried, error)));
    }
  };

  const ask = async (request: DecideRequest, signal: AbortSignal): Promise<Decision> => {
    const schema = answerSchema(request.turns.some(({ options }) => options.categories?.length));
    const messages = promptFor(request);

    const first = await complete(messages, schema, signal);
    if (!first.ok) return first;
    const answer = changesIn(first.content, request);
    if (answer.ok) return { ok: true, changes: answer.value, usage: first.usage };

    const repair = [...messages, ...repairOf(first.content, answer.problem)];
    const second = await complete(repair, schema, signal);
    const usage = sum(first.usage, second.usage);
    if (!second.ok) return { ...second, usage };
    const repaired = changesIn(second.content, request);
    if (repaired.ok) return { ok: true, changes: repaired.value, usage };
    return unusable('junk', usage);
  };

  return {
    name: model,
    quality: 'model',
    batch: { turns: 16, characters: 24_000 },
    async decide(request, signal) {
      signal.throwIfAborted();
      if (request.turns.length === 0) return { ok: true, changes: [], usage: noUsage };
      try {
        return await ask(request, signal);
      } catch (error) {
        signal.throwIfAborted();
        return { ok: false, ...failureOf(error), usage: noUsage };
      }
    },
    async probe(signal) {
      signal.throwIfAborted();
      const messages: PromptMessage[] = [{ role: 'user', content: 'Answer: ok' }];
      try {
        await call(
          (sdk, options) => sdk.chat.completions.create({ model, messages }, options),
          signal,
        );
        return { ok: true };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof RequestRejected) return { ok: true };
        const { retryable: _, about: __, ...failure } = failureOf(error);
        return { ok: false, ...failure };
      }
    },
  };
};
