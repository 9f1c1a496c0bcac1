import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { RetryableError, toErrorInfo } from '../../domain/errors.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { PartHealth } from '../../ports/health.ts';
import type {
  DecideRequest,
  Decision,
  Description,
  LanguageModel,
  ModelFailure,
  Usage,
} from '../../ports/language-model.ts';
import { type ParseResult, parseResponse, quotableAnswers } from './answer.ts';
import { answerSchema } from './answer-schema.ts';
import { changesOf, type ParsedChanges, withUnchangedTurns } from './changes.ts';
import { createClient, type OpenAiSettings } from './client.ts';
import { type Completion, noUsage, unusable } from './completion.ts';
import { createConversation } from './conversation.ts';
import type { AnswerSettings } from './dialect.ts';
import { imagePrompt, type PromptMessage, promptFor, repairPrompt } from './prompt.ts';
import { promptVersion } from './system-prompt.ts';
import { completeTurns, remainderOf, truncationNotice, withRemainder } from './truncated-answer.ts';

export interface OpenAiModelSettings extends OpenAiSettings, AnswerSettings {}

/** Bound on the requests about the rest of one turn, after its first truncated answer. */
const maxRemainders = 4;

/** Longest description of an image, in characters. */
const maxDescription = 6_000;

const sum = (a: Usage, b: Usage): Usage => ({
  prompt: a.prompt + b.prompt,
  completion: a.completion + b.completion,
});

/** Codes of failures that concern one turn, not the provider. */
const aboutTurn: readonly string[] = ['model_rejected', 'model_oversized'];

const failureOf = (error: unknown): ModelFailure => {
  const fault = toErrorInfo(error);
  const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : undefined;
  return {
    ...fault,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    about: aboutTurn.includes(fault.code) ? 'turn' : 'service',
  };
};

type AskResult = { ok: true; value: ParsedChanges } | Extract<Decision, { ok: false }>;

/** An answer without any usable change. */
interface UnusableAnswer {
  problem: string;
  content: string;
}

const parseChanges = (
  { content, isTruncated }: Extract<Completion, { ok: true }>,
  request: DecideRequest,
  quoted: ReadonlySet<string>,
): ParseResult<ParsedChanges> => {
  const answer = parseResponse(content, quoted);
  if (!answer.ok) return answer;
  const changes = changesOf(answer.value.elements, request);
  if (changes.problem !== undefined && changes.usable === 0)
    return { ok: false, problem: changes.problem };
  return {
    ok: true,
    value: { ...changes, isTruncated: isTruncated || answer.value.isTruncated },
  };
};

/**
 * Language model port for the chat API of OpenAI or of a compatible server. An unreadable answer is requested once more,
 * with its problem; unusable changes are replaced by NONE, and the others stay. Unsupported features of the API are left
 * out from then on. A truncated answer decides the leading turns it covers; a single turn is continued in parts. Usage
 * counts every request, also of a failed decision. Nothing is stored, so a call is safe to repeat, at the price of its
 * tokens. Failures are returned, not thrown; an abort rejects with the signal's reason.
 */
export const createOpenAiLanguageModel = (settings: OpenAiModelSettings): LanguageModel => {
  const call = createClient(settings, 'model');
  const conversation = createConversation(call, settings);
  let failing: { code: string; since: number } | undefined;

  const recordHealth = <T extends { code: string } | undefined>(failure: T): T => {
    failing = failure && { code: failure.code, since: failing?.since ?? Date.now() };
    return failure;
  };

  const askOnce = async (
    request: DecideRequest,
    prompt: PromptMessage[],
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<AskResult | UnusableAnswer> => {
    const schema = answerSchema({
      categories: request.turns.some(({ options }) => options.categories?.length),
      description: request.turns.some(({ options }) => options.described),
      data: request.turns.some(({ options }) => options.structuredData),
    });
    const completion = await conversation.complete(prompt, schema, signal);
    spent.usage = sum(spent.usage, completion.usage);
    if (!completion.ok) return completion;
    // Yields between the parsing of body, request and answer: each may take long, and together they would block the loop.
    await yieldToEventLoop();
    const quoted = quotableAnswers(request);
    await yieldToEventLoop();
    const changes = parseChanges(completion, request, quoted);
    if (changes.ok) return changes;
    return completion.isTruncated
      ? unusable('length')
      : { problem: changes.problem, content: completion.content };
  };

  const ask = async (
    request: DecideRequest,
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<AskResult> => {
    const messages = promptFor(request);
    const first = await askOnce(request, messages, signal, spent);
    if ('ok' in first) return first;
    const repair = [...messages, ...repairPrompt(first.content, first.problem)];
    const second = await askOnce(request, repair, signal, spent);
    return 'ok' in second ? second : unusable('invalid_answer');
  };

  /** Completes the truncated answer about one turn by requests about ever smaller parts of the turn. */
  const askInParts = async (
    request: DecideRequest,
    { changes, isTruncated }: ParsedChanges,
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<ParsedChanges['changes']> => {
    let all = changes;
    let skipped = 0;
    let last: ParsedChanges = { changes, isTruncated, usable: 0 };
    let current = request;
    for (let round = 0; last.isTruncated && round < maxRemainders; round++) {
      const remainder = remainderOf(current, last.changes);
      const answer = remainder && (await ask(remainder.request, signal, spent));
      if (!answer?.ok) break;
      skipped += remainder?.skipped ?? 0;
      all = withRemainder(all, answer.value.changes, skipped);
      last = answer.value;
      current = remainder?.request ?? current;
    }
    return last.isTruncated ? [...all, truncationNotice] : all;
  };

  const decide = async (
    request: DecideRequest,
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<Decision> => {
    const answer = await ask(request, signal, spent);
    if (!answer.ok) return answer;
    const { changes, isTruncated } = answer.value;
    if (!isTruncated)
      return { ok: true, changes: withUnchangedTurns(request, changes), usage: noUsage };
    if (request.turns.length === 1) {
      const all = await askInParts(request, answer.value, signal, spent);
      return { ok: true, changes: withUnchangedTurns(request, all), usage: noUsage };
    }
    const decided = completeTurns(changes);
    if (decided === 0) return unusable('length');
    const turns = request.turns.slice(0, decided);
    const covered = changes.filter(({ turn }) => turn < decided);
    return { ok: true, decided, changes: withUnchangedTurns({ turns }, covered), usage: noUsage };
  };

  return {
    name: settings.model,
    promptVersion,
    quality: 'model',
    batch: { turns: 16, characters: 24_000 },
    async decide(request, signal) {
      signal.throwIfAborted();
      const spent = { usage: noUsage };
      if (request.turns.length === 0) return { ok: true, changes: [], ...spent };
      try {
        const decision = await decide(request, signal, spent);
        recordHealth(undefined);
        return { ...decision, ...spent };
      } catch (error) {
        signal.throwIfAborted();
        const failure = failureOf(error);
        recordHealth(failure.about === 'service' ? failure : undefined);
        return { ok: false, ...failure, ...spent };
      }
    },
    async fill(request, signal) {
      signal.throwIfAborted();
      try {
        const { fillWith } = await import('./fill.ts');
        const filled = await fillWith(conversation, request, signal);
        recordHealth(undefined);
        return filled;
      } catch (error) {
        signal.throwIfAborted();
        const failure = failureOf(error);
        recordHealth(failure.about === 'service' ? failure : undefined);
        return { ok: false, ...failure, usage: noUsage };
      }
    },
    async chat(request, signal, onText) {
      signal.throwIfAborted();
      try {
        const { chatWith } = await import('./chat.ts');
        const answer = await chatWith({ call, conversation, settings }, request, signal, onText);
        recordHealth(undefined);
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        const failure = failureOf(error);
        recordHealth(failure.about === 'service' ? failure : undefined);
        return { ok: false, ...failure, usage: noUsage };
      }
    },
    async describeImage(image, signal): Promise<Description> {
      signal.throwIfAborted();
      try {
        const completion = await conversation.describe(imagePrompt(image), signal);
        if (!completion.ok) return completion;
        const { content, usage } = completion;
        const text = plainText(content.trim(), maxDescription);
        return text === '' ? unusable('invalid_answer', usage) : { ok: true, text, usage };
      } catch (error) {
        signal.throwIfAborted();
        return { ok: false, ...failureOf(error), usage: noUsage };
      }
    },
    async probe(signal) {
      signal.throwIfAborted();
      try {
        await conversation.probe(signal);
        recordHealth(undefined);
        return { ok: true };
      } catch (error) {
        signal.throwIfAborted();
        const { retryable: _, about: __, ...failure } = recordHealth(failureOf(error));
        return { ok: false, ...failure };
      }
    },
    health: (): PartHealth => (failing ? { status: 'degraded', ...failing } : { status: 'ok' }),
  };
};
