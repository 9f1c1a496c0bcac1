import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { describe, httpUrl, list, oneOf, wholeNumber } from './setting.ts';

/** Name of the embedding model that runs in the process of the service. */
export const embeddedModel = 'embedded';

const efforts = ['default', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;

/** The models that turns are refined and embedded with. */
export const modelSettings = {
  openaiApiKey: z.string().optional().register(describe, {
    name: 'OPENAI_API_KEY',
    description: 'Refine and embed with OpenAI; without it the embedded models do.',
    secret: true,
  }),
  openaiBaseUrl: httpUrl.optional().register(describe, {
    name: 'OPENAI_BASE_URL',
    description:
      'Any server that speaks the OpenAI API, such as `http://localhost:11434/v1`; it may do without a key, but not where keys are kept in a secret, as on AWS.',
  }),
  model: z.string().register(describe, {
    name: 'TURNSTONE_MODEL',
    fallback: 'gpt-6-luna',
    description: 'Chat model that turns are refined with, when OpenAI or a compatible server is used.',
  }),
  modelEffort: oneOf(efforts).register(describe, {
    name: 'TURNSTONE_MODEL_EFFORT',
    fallback: 'none',
    description: `How long a reasoning model thinks: ${efforts.map((effort) => `\`${effort}\``).join(', ')}; \`default\` leaves it to the model. Not sent to models that refuse it.`,
  }),
  modelMaxTokens: wholeNumber(16, 1_000_000, 'a whole number, 16 to 1000000')
    .optional()
    .register(describe, {
      name: 'TURNSTONE_MODEL_MAX_TOKENS',
      description:
        'Most tokens of an answer of the chat model; without it, what the server allows. The rest of an answer that is cut off is asked for in smaller requests.',
    }),
  modelTimeoutMs: wholeNumber(1_000, 600_000, 'milliseconds, 1000 to 600000').register(describe, {
    name: 'TURNSTONE_MODEL_TIMEOUT_MS',
    fallback: '60000',
    description: 'Milliseconds within which the chat model answers, its whole answer included.',
  }),
  embeddingModel: z.string().register(describe, {
    name: 'TURNSTONE_EMBEDDING_MODEL',
    fallback: 'text-embedding-3-small',
    description: `Embedding model, likewise; \`${embeddedModel}\` for the embedded one beside a remote chat model (not on AWS). After a change old memories are embedded again.`,
  }),
};

/** How refinement tries again, waits for the language model, and how much of it runs at once. */
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
      description: 'Seconds between tries of a refinement; after the last one its event is FAILED.',
    }),
  modelGiveUpHours: wholeNumber(1, 8_760, 'hours, 1 to 8760').register(describe, {
    name: 'TURNSTONE_MODEL_GIVE_UP_HOURS',
    fallback: '72',
    description:
      'Hours that a turn waits for a language model that cannot be used; then its event is FAILED with `model_unavailable`.',
  }),
  modelConcurrency: wholeNumber(1, 256, 'a number of calls, 1 to 256').register(describe, {
    name: 'TURNSTONE_MODEL_CONCURRENCY',
    fallback: '8',
    description:
      'Calls of the language model at once, shared out fairly between projects and users; on AWS the number of workers decides.',
  }),
};

/**
 * For functions, which have no room for the embedded model.
 * @throws TerminalError bad_setting
 */
export const rejectEmbedded = ({ embeddingModel }: { embeddingModel: string }): void => {
  if (embeddingModel !== embeddedModel) return;
  throw new TerminalError(
    'bad_setting',
    'TURNSTONE_EMBEDDING_MODEL=embedded is for a process of its own: on AWS name a model of a server.',
  );
};
