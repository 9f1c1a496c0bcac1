import { RetryableError } from '../../domain/errors.ts';
import { type Call, isOpenAi, type OpenAiSettings } from './client.ts';
import { type Completion, completionOf, unusable, unusableReason } from './completion.ts';
import {
  type AnswerSettings,
  type Dialect,
  defaultDialect,
  downgrade,
  formatFields,
  mayBeDialect,
  settingFields,
} from './dialect.ts';
import { RequestRejected } from './faults.ts';
import { type ImagePrompt, type PromptMessage, withoutSystem } from './prompt.ts';

/** Token limit of a health probe. */
const probeTokens = 16;

/** Dialect to try after a refusal. @throws the failure behind the refusal when no weaker dialect is left */
const afterRefusal = (
  tried: Dialect,
  refused: RequestRejected,
  { initial, isAdapting }: { initial: Dialect; isAdapting: boolean },
): Dialect => {
  const { fault, providerMessage, status } = refused;
  if (fault && !isAdapting && !mayBeDialect(providerMessage)) throw fault;
  const next = downgrade(tried, refused, initial);
  if (next) return next;
  throw (
    fault ??
    new RetryableError('model_rejected', `The language model refused the request (${status}).`)
  );
};

/**
 * Requests to the chat endpoint of one model. A refused request is repeated in weaker dialects (feature detection by
 * fallback), and the dialect that worked is remembered in memory for later requests. Fails only when the weakest one is
 * refused. Requests have no effect on the server, so they are safe to repeat and to run concurrently.
 */
export const createConversation = (call: Call, settings: OpenAiSettings & AnswerSettings) => {
  const { model } = settings;
  const initial = defaultDialect(isOpenAi(settings));
  let dialect = initial;

  const send = (
    body: { messages: PromptMessage[] | ImagePrompt[]; [field: string]: unknown },
    signal: AbortSignal,
  ): Promise<unknown> =>
    call((sdk, options) => sdk.chat.completions.create({ model, ...body }, options), {
      signal,
    });

  /** Runs one request in the given dialect. */
  const attempt = async (
    request: (tried: Dialect) => Promise<Completion>,
    tried: Dialect,
    hasFormat: boolean,
  ): Promise<Completion | RequestRejected> => {
    try {
      const answer = await request(tried);
      // Remembered only after a success, because a request may also be refused for its content.
      dialect = hasFormat ? tried : { ...tried, format: dialect.format };
      return answer;
    } catch (error) {
      if (!(error instanceof RequestRejected)) throw error;
      return unusableReason(error) ?? error;
    }
  };

  /** Repeats a request in weaker dialects until one is accepted, with a format of the answer or without. */
  const adapt = async (
    request: (tried: Dialect) => Promise<Completion>,
    hasFormat: boolean,
  ): Promise<Completion> => {
    const format = hasFormat ? {} : { format: 'text' as const };
    let tried: Dialect = { ...dialect, ...format };
    for (let isAdapting = false; ; isAdapting = true) {
      const answer = await attempt(request, tried, hasFormat);
      if (!(answer instanceof RequestRejected)) return answer;
      tried = afterRefusal(tried, answer, { initial: { ...initial, ...format }, isAdapting });
    }
  };

  return {
    /** @throws RetryableError, or the signal's reason */
    complete(
      messages: PromptMessage[],
      schema: { [key: string]: unknown },
      signal: AbortSignal,
    ): Promise<Completion> {
      const request = async (tried: Dialect) =>
        completionOf(
          await send(
            {
              messages: tried.system ? messages : withoutSystem(messages),
              ...formatFields(tried, schema),
              ...settingFields(tried, settings),
            },
            signal,
          ),
        );
      return adapt(request, true);
    },

    /**
     * Runs a request that asks for no format.
     * @throws RetryableError, or the signal's reason
     */
    plain: (request: (tried: Dialect) => Promise<Completion>): Promise<Completion> =>
      adapt(request, false),

    /**
     * Requests a text about an image. A refusal is about the image: servers without vision refuse every one.
     * @throws RetryableError, or the signal's reason
     */
    async describe(messages: ImagePrompt[], signal: AbortSignal): Promise<Completion> {
      try {
        return completionOf(await send({ messages, ...settingFields(dialect, settings) }, signal));
      } catch (error) {
        if (!(error instanceof RequestRejected)) throw error;
        return unusable('refusal');
      }
    },

    /**
     * Health probe by a minimal request. A server that refuses the request as invalid counts as healthy. @throws
     * RetryableError
     */
    async probe(signal: AbortSignal): Promise<void> {
      try {
        await send(
          {
            messages: [{ role: 'user', content: 'Answer: ok' }],
            ...settingFields(dialect, { ...settings, maxTokens: probeTokens }),
          },
          signal,
        );
      } catch (error) {
        if (!(error instanceof RequestRejected)) throw error;
        if (error.fault) throw error.fault;
      }
    },
  };
};

export type Conversation = ReturnType<typeof createConversation>;
