import * as z from 'zod';
import type { Decision, Usage } from '../../ports/language-model.ts';
import type { RequestRejected } from './faults.ts';

type Unusable = Extract<Decision, { ok: false }>;

/** Result of the chat endpoint: the content, or the reason why there is none. */
export type Completion =
  | { ok: true; content: string; isTruncated: boolean; usage: Usage }
  | Unusable;

const text = z.string().nullish().catch(undefined);

/** Parts of a content that are read: each takes the schema longer than the parser. */
const maxParts = 1_000;

const Part = z.object({ text: z.string() });
const Parts = z.preprocess(
  (parts) => (Array.isArray(parts) ? parts.slice(0, maxParts) : parts),
  z.array(Part.nullable().catch(null)).transform(partsAsText),
);
const Content = z.union([z.string(), Parts]).nullish().catch(undefined);

function partsAsText(parts: readonly (z.infer<typeof Part> | null)[]): string {
  return parts.map((part) => part?.text ?? '').join('');
}

const Call = z.object({ function: z.object({ arguments: z.unknown() }) });

const Choice = z.object({
  finish_reason: text,
  message: z.object({
    content: Content,
    refusal: text,
    tool_calls: z.array(Call).max(100).nullish().catch(undefined),
    function_call: Call.shape.function.nullish().catch(undefined),
    reasoning_content: text,
    reasoning: text,
  }),
});
type Message = z.infer<typeof Choice>['message'];

const Tokens = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() });

const Body = z.object({
  // Further choices are ignored.
  choices: z.unknown().transform((choices) => Choice.safeParse([choices].flat()[0]).data),
  usage: Tokens.nullish().catch(undefined),
});

export const noUsage: Usage = { prompt: 0, completion: 0 };

const sentences = {
  refusal: 'The language model refused this turn.',
  invalid_answer: 'The language model gave no usable answer.',
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

const argumentsOf = ({ tool_calls, function_call }: Message): string =>
  [...(tool_calls ?? []).map((call) => call.function), function_call]
    .map((called) => called?.arguments)
    .map((given) => (typeof given === 'string' ? given : JSON.stringify(given ?? '')))
    .findLast((given) => given !== '' && given !== '""') ?? '';

/** Text of the answer: the content, else the arguments of a tool call, else the reasoning. */
const contentOf = (message: Message | undefined): string => {
  if (!message) return '';
  const { content, reasoning_content, reasoning } = message;
  const sources = [content, argumentsOf(message), reasoning_content, reasoning];
  return sources.find((source) => (source ?? '').trim() !== '') ?? '';
};

/** Parses a response leniently: compatible servers omit fields. */
export const completionOf = (answer: unknown): Completion => {
  const body = Body.safeParse(answer).data;
  const usage: Usage = {
    prompt: body?.usage?.prompt_tokens ?? 0,
    completion: body?.usage?.completion_tokens ?? 0,
  };
  const choice = body?.choices;
  if (choice?.finish_reason === 'content_filter' || choice?.message.refusal) {
    return unusable('refusal', usage);
  }
  const isTruncated = choice?.finish_reason === 'length';
  return { ok: true, content: contentOf(choice?.message), isTruncated, usage };
};

const tooLong = /context.{0,8}length|maximum context|context window|too (long|large|many tokens)/i;
const filtered = /content_filter|content_policy|invalid_prompt/;

/** Reason of a refusal that no other dialect would avoid; undefined when a weaker request may succeed. */
export const unusableReason = ({
  status,
  code,
  providerMessage,
}: RequestRejected): Unusable | undefined => {
  if (status === 413 || code === 'context_length_exceeded' || tooLong.test(providerMessage)) {
    return unusable('length');
  }
  return filtered.test(code) ? unusable('refusal') : undefined;
};
