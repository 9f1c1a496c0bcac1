import * as z from 'zod';
import type { Decision, Usage } from '../../ports/language-model.ts';
import type { RequestRejected } from './faults.ts';

type Unusable = Extract<Decision, { ok: false }>;

/** One answer of the chat endpoint: its content, or why there is none to use. */
export type Completion = { ok: true; content: string; usage: Usage } | Unusable;

const Body = z.object({
  choices: z.array(
    z.object({
      finish_reason: z.string().nullish(),
      message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
    }),
  ),
  usage: z
    .object({ prompt_tokens: z.number(), completion_tokens: z.number() })
    .nullish()
    .catch(undefined),
});

export const noUsage: Usage = { prompt: 0, completion: 0 };

const sentences = {
  refusal: 'The language model refused this turn.',
  junk: 'The language model gave no usable answer.',
  length: 'The turn is too long for the language model.',
};

export const unusable = (fault: keyof typeof sentences, usage = noUsage): Unusable => ({
  ok: false,
  code: `model_${fault}`,
  message: sentences[fault],
  retryable: true,
  about: 'turn',
  usage,
});

/** Reads what a server answered; servers that are merely compatible leave out what they like. */
export const completionOf = (answer: unknown): Completion => {
  const body = Body.safeParse(answer);
  const usage: Usage = {
    prompt: body.data?.usage?.prompt_tokens ?? 0,
    completion: body.data?.usage?.completion_tokens ?? 0,
  };
  const choice = body.data?.choices[0];
  if (choice?.finish_reason === 'length') {
    return unusable('length', usage);
  }
  if (choice?.finish_reason === 'content_filter' || choice?.message.refusal) {
    return unusable('refusal', usage);
  }
  return { ok: true, content: choice?.message.content ?? '', usage };
};

const tooLong = /context.{0,8}length|maximum context|context window|too (long|large|many tokens)/i;
const filtered = /content_filter|content_policy|invalid_prompt/;

/** A refused request that no other dialect would save. */
export const rejectionOf = ({ status, code, hint }: RequestRejected): Unusable | undefined => {
  if (status === 413 || code === 'context_length_exceeded' || tooLong.test(hint)) {
    return unusable('length');
  }
  return filtered.test(code) ? unusable('refusal') : undefined;
};
