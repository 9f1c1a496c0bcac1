import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { describe, httpUrl, list, oneOf, wholeNumber } from './setting.ts';

/** Value of TURNSTONE_EMBEDDING_MODEL for the model that runs in the process of the service. */
export const embeddedModel = 'embedded';

const efforts = ['default', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;

/** Chat model for refinement and embedding model for the index. */
export const modelSettings = {
  openaiApiKey: z.string().optional().register(describe, {
    name: 'OPENAI_API_KEY',
    description:
      'OpenAI API key; with it OpenAI refines and embeds, without it the embedded models do.',
    secret: true,
  }),
  openaiBaseUrl: httpUrl.optional().register(describe, {
    name: 'OPENAI_BASE_URL',
    description:
      'URL of a server with the OpenAI API, such as `http://localhost:11434/v1`. It needs no key, unless the keys are in a Secrets Manager secret, as on AWS.',
  }),
  model: z.string().register(describe, {
    name: 'TURNSTONE_MODEL',
    fallback: 'gpt-6-luna',
    description: 'Chat model that refines turns, if OpenAI or a compatible server is used.',
  }),
  modelEffort: oneOf(efforts).register(describe, {
    name: 'TURNSTONE_MODEL_EFFORT',
    fallback: 'none',
    description: `Reasoning effort of the chat model: ${efforts.map((effort) => `\`${effort}\``).join(', ')}; \`default\` leaves the effort to the model. Not sent to models that do not support it.`,
  }),
  modelMaxTokens: wholeNumber(16, 1_000_000, 'a whole number, 16 to 1000000')
    .optional()
    .register(describe, {
      name: 'TURNSTONE_MODEL_MAX_TOKENS',
      description:
        'Maximum tokens of an answer of the chat model; without it the server decides. After a truncated answer the rest is requested in smaller batches.',
    }),
  modelTimeoutMs: wholeNumber(1_000, 600_000, 'milliseconds, 1000 to 600000').register(describe, {
    name: 'TURNSTONE_MODEL_TIMEOUT_MS',
    fallback: '60000',
    description:
      'Timeout of a call of the chat model in milliseconds, until the whole answer has arrived.',
  }),
  modelPrices: z
    .string()
    .regex(/^\d{1,6}(?:\.\d{1,6})?,\d{1,6}(?:\.\d{1,6})?$/, 'two numbers such as 0.25,2')
    .transform((text) => {
      const [prompt = 0, completion = 0] = text.split(',').map(Number);
      return { prompt, completion };
    })
    .optional()
    .register(describe, {
      name: 'TURNSTONE_MODEL_PRICES',
      description:
        'Dollars for a million tokens of the chat model, of prompts and of answers, such as `0.25,2`; with them the usage and the console show what refinements cost. Chats, exports and reprocessing are not in these figures.',
    }),
  embeddingModel: z.string().register(describe, {
    name: 'TURNSTONE_EMBEDDING_MODEL',
    fallback: 'text-embedding-3-small',
    description: `Embedding model, if OpenAI or a compatible server is used; \`${embeddedModel}\` combines the embedded one with a remote chat model (not on AWS). After a change, memories are embedded again.`,
  }),
};

/** Retries and concurrency of refinement. */
export const refineSettings = {
  refineSchedule: list
    .pipe(
      z
        .array(wholeNumber(0, 86_400, 'seconds, 0 to 86400 each'))
        .min(1, 'at least one number')
        .max(50, 'at most 50 numbers'),
    )
    .register(describe, {
      name: 'TURNSTONE_REFINE_SCHEDULE',
      fallback: '1,5,30,120,600,1800,3600',
      description:
        'Seconds between attempts of a refinement; after the last attempt the event is FAILED.',
    }),
  modelGiveUpHours: wholeNumber(1, 8_760, 'hours, 1 to 8760').register(describe, {
    name: 'TURNSTONE_MODEL_GIVE_UP_HOURS',
    fallback: '72',
    description:
      'Hours that a turn waits while the language model is unavailable; then its event is FAILED with `model_unavailable`.',
  }),
  tokensPerDay: wholeNumber(0, 1e12, 'tokens, 0 to 1000000000000').register(describe, {
    name: 'TURNSTONE_TOKENS_PER_DAY',
    fallback: '0',
    description:
      'Tokens of the language model that the whole installation may use in a day (UTC). Turns beyond wait for the next day, in which their event says `waiting_for: budget`, and stay searchable. 0: any number.',
  }),
  projectTokensPerDay: wholeNumber(0, 1e12, 'tokens, 0 to 1000000000000').register(describe, {
    name: 'TURNSTONE_PROJECT_TOKENS_PER_DAY',
    fallback: '0',
    description: 'The same for each project. 0: any number.',
  }),
  modelConcurrency: wholeNumber(1, 256, 'a number of calls, 1 to 256').register(describe, {
    name: 'TURNSTONE_MODEL_CONCURRENCY',
    fallback: '8',
    description:
      'Concurrent calls of the language model, shared fairly between projects and users; on AWS the concurrency of the worker decides.',
  }),
};

/**
 * Rejects the embedded embedding model on AWS: the model does not fit into a function.
 * @throws TerminalError bad_setting
 */
export const rejectEmbedded = ({ embeddingModel }: { embeddingModel: string }): void => {
  if (embeddingModel !== embeddedModel) return;
  throw new TerminalError(
    'bad_setting',
    'TURNSTONE_EMBEDDING_MODEL=embedded works with npm start only: on AWS name a model of OpenAI or of a compatible server.',
  );
};
