import { toErrorInfo } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Embedder } from '../../ports/embedder.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { LogFields, Telemetry } from '../../ports/telemetry.ts';
import type { Span, Tracing } from '../../ports/tracing.ts';

type Usage = { prompt: number; completion: number };
type Outcome = { ok: true; usage: Usage } | { ok: false; code: string; usage: Usage };

/** A model in this process, or one at a server with the API of OpenAI. */
type Location = 'embedded' | 'remote';

/** Receivers of the observations. */
interface Observers {
  clock: Pick<Clock, 'now'>;
  telemetry: Telemetry;
  /** Absent: no spans. */
  tracing: Tracing | undefined;
}

/** How a call ended. */
interface CallEnd {
  usage?: Usage;
  /** Stable code of a failure. */
  code?: string;
}

/** Stands for the span of a process without traces. */
const noSpan: Span = { set: () => {}, rename: () => {}, fail: () => {} };

/**
 * Observes calls of models: as a span by the semantic conventions for generative AI, if traces are exported, and as the log event
 * `model.called`, which metrics count. Neither has a text.
 */
const createObserver = (location: Location, { clock, telemetry, tracing }: Observers) => {
  const provider = location === 'remote' ? 'openai' : 'turnstone';
  const kind = location === 'remote' ? 'client' : 'internal';

  return async <T>(
    operation: 'chat' | 'embeddings',
    model: string,
    call: () => Promise<T>,
    endOf: (result: T) => CallEnd,
  ): Promise<T> => {
    const startedAt = clock.now();
    const record = (end: LogFields): void =>
      telemetry.log('debug', 'model.called', {
        operation,
        provider,
        model,
        ms: clock.now() - startedAt,
        ...end,
      });
    const work = async (span: Span): Promise<T> => {
      const result = await call().catch((error: unknown) => {
        record({ code: toErrorInfo(error).code });
        throw error;
      });
      const { usage, code } = endOf(result);
      const [inputTokens, outputTokens] = [usage?.prompt, usage?.completion];
      span.set({
        'gen_ai.usage.input_tokens': inputTokens,
        'gen_ai.usage.output_tokens': outputTokens,
      });
      if (code !== undefined) span.fail(code);
      record({ inputTokens, outputTokens, code });
      return result;
    };
    if (!tracing) return work(noSpan);
    const attributes = {
      'gen_ai.operation.name': operation,
      'gen_ai.provider.name': provider,
      'gen_ai.request.model': model,
    };
    return tracing.span(`${operation} ${model}`, { kind, attributes }, work);
  };
};

const endOfAnswer = (outcome: Outcome): CallEnd =>
  outcome.ok ? { usage: outcome.usage } : { usage: outcome.usage, code: outcome.code };

/** Observes the calls of a language model, with their tokens. */
export const createObservedModel = (
  model: LanguageModel,
  location: Location,
  observers: Observers,
): LanguageModel => {
  const observe = createObserver(location, observers);
  const ask = <T extends Outcome>(call: () => Promise<T>): Promise<T> =>
    observe('chat', model.name, call, endOfAnswer);
  const { fill, chat, describeImage } = model;
  return {
    ...model,
    decide: (request, signal) => ask(() => model.decide(request, signal)),
    ...(fill && { fill: (request, signal) => ask(() => fill(request, signal)) }),
    ...(chat && { chat: (request, signal, onText) => ask(() => chat(request, signal, onText)) }),
    ...(describeImage && {
      describeImage: (image, signal) => ask(() => describeImage(image, signal)),
    }),
  };
};

/** Observes the calls of an embedder. */
export const createObservedEmbedder = (
  embedder: Embedder,
  location: Location,
  observers: Observers,
): Embedder => {
  const observe = createObserver(location, observers);
  const { onModelChange, health } = embedder;
  return {
    // May change with the first answer.
    get model() {
      return embedder.model;
    },
    embed: (texts, options) =>
      observe(
        'embeddings',
        embedder.model,
        () => embedder.embed(texts, options),
        () => ({}),
      ),
    ...(onModelChange && { onModelChange }),
    ...(health && { health }),
  };
};

/** Sends the current trace with each request, so that a gateway before the model can go on with the trace. */
export const tracedFetch =
  (tracing: Pick<Tracing, 'current'>): typeof fetch =>
  (input, init) => {
    const traceparent = tracing.current();
    if (traceparent === undefined) return fetch(input, init);
    const headers = new Headers(init?.headers);
    headers.set('traceparent', traceparent);
    return fetch(input, { ...init, headers });
  };
