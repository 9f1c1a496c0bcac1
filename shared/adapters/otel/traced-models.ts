import type { Embedder } from '../../ports/embedder.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import type { SpanAttributes, Tracing } from '../../ports/tracing.ts';

type Usage = { prompt: number; completion: number };
type Outcome = { ok: true; usage: Usage } | { ok: false; code: string; usage: Usage };

/** A model in this process, or one at a server with the API of OpenAI. */
type Location = 'embedded' | 'remote';

const kindOf = (location: Location) => (location === 'remote' ? 'client' : 'internal');

const attributesOf = (
  operation: 'chat' | 'embeddings',
  model: string,
  location: Location,
): SpanAttributes => ({
  'gen_ai.operation.name': operation,
  'gen_ai.provider.name': location === 'remote' ? 'openai' : 'turnstone',
  'gen_ai.request.model': model,
});

/** Traces the calls of a language model, with their tokens and without their texts. */
export const createTracedModel = (
  model: LanguageModel,
  location: Location,
  tracing: Tracing,
): LanguageModel => {
  const ask = <T extends Outcome>(call: () => Promise<T>): Promise<T> =>
    tracing.span(
      `chat ${model.name}`,
      { kind: kindOf(location), attributes: attributesOf('chat', model.name, location) },
      async (span) => {
        const outcome = await call();
        span.set({
          'gen_ai.usage.input_tokens': outcome.usage.prompt,
          'gen_ai.usage.output_tokens': outcome.usage.completion,
        });
        if (!outcome.ok) span.fail(outcome.code);
        return outcome;
      },
    );
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

/** Traces the calls of an embedder, without their texts. */
export const createTracedEmbedder = (
  embedder: Embedder,
  location: Location,
  tracing: Tracing,
): Embedder => {
  const { onModelChange, health } = embedder;
  return {
    // May change with the first answer.
    get model() {
      return embedder.model;
    },
    embed: (texts, options) =>
      tracing.span(
        `embeddings ${embedder.model}`,
        {
          kind: kindOf(location),
          attributes: attributesOf('embeddings', embedder.model, location),
        },
        () => embedder.embed(texts, options),
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
