import { RetryableError } from '../../domain/errors.ts';
import { type Call, isOpenAi, type OpenAiSettings } from './client.ts';
import { type Completion, completionOf, rejectionOf } from './completion.ts';
import {
  type AnswerSettings,
  type Dialect,
  downgrade,
  formatFields,
  fullDialect,
  mayBeDialect,
  settingFields,
} from './dialect.ts';
import { RequestRejected } from './faults.ts';
import { type PromptMessage, withoutSystem } from './prompt.ts';

/** Tokens that suffice for a sign of life. */
const probeTokens = 16;

/** The dialect to try after a refusal. @throws the failure that it stands for when nothing is left to leave out */
const afterRefusal = (
  tried: Dialect,
  refused: RequestRejected,
  { full, isAdapting }: { full: Dialect; isAdapting: boolean },
): Dialect => {
  const { fault, hint, status } = refused;
  if (fault && !isAdapting && !mayBeDialect(hint)) throw fault;
  const next = downgrade(tried, refused, full);
  if (next) return next;
  throw (
    fault ??
    new RetryableError('model_rejected', `The language model refused the request (${status}).`)
  );
};

/**
 * Requests to the chat endpoint of one model. A refused request is made again in plainer ways, and what worked is
 * remembered for the requests to come: only a failure of the plainest one is a failure.
 */
export const createConversation = (call: Call, settings: OpenAiSettings & AnswerSettings) => {
  const { model } = settings;
  const full = fullDialect(isOpenAi(settings));
  let dialect = full;

  const send = (
    body: { messages: PromptMessage[]; [field: string]: unknown },
    signal: AbortSignal,
  ): Promise<unknown> =>
    call((sdk, options) => sdk.chat.completions.create({ model, ...body }, options), signal);

  /** One request as it is tried. */
  const attempt = async (
    messages: PromptMessage[],
    schema: { [key: string]: unknown },
    tried: Dialect,
    signal: AbortSignal,
  ): Promise<Completion | RequestRejected> => {
    try {
      const answer = await send(
        {
          messages: tried.system ? messages : withoutSystem(messages),
          ...formatFields(tried, schema),
          ...settingFields(tried, settings),
        },
        signal,
      );
      // Remembered only now: a request may also be refused for what it says.
      dialect = tried;
      return completionOf(answer);
    } catch (error) {
      if (!(error instanceof RequestRejected)) throw error;
      return rejectionOf(error) ?? error;
    }
  };

  return {
    /** @throws RetryableError, or the signal's reason */
    async complete(
      messages: PromptMessage[],
      schema: { [key: string]: unknown },
      signal: AbortSignal,
    ): Promise<Completion> {
      let tried = dialect;
      for (let isAdapting = false; ; isAdapting = true) {
        const answer = await attempt(messages, schema, tried, signal);
        if (!(answer instanceof RequestRejected)) return answer;
        tried = afterRefusal(tried, answer, { full, isAdapting });
      }
    },

    /** A sign of life, by a request that is always the same. A server that refuses it as it is lives. @throws RetryableError */
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
