import { setImmediate as nextTurn } from 'node:timers/promises';
import { RetryableError, toErrorInfo } from '../../domain/errors.ts';
import type { PartHealth } from '../../ports/health.ts';
import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ModelFailure,
  Usage,
} from '../../ports/language-model.ts';
import { type ParseResult, parseResponse, quotable } from './answer.ts';
import { answerSchema } from './answer-schema.ts';
import { changesOf, type ReadChanges, withSilent } from './changes.ts';
import { createClient, type OpenAiSettings } from './client.ts';
import { type Completion, noUsage, unusable } from './completion.ts';
import { createConversation } from './conversation.ts';
import { cutOff, restOf, wholeTurns, withRest } from './cut-off.ts';
import type { AnswerSettings } from './dialect.ts';
import { type PromptMessage, promptFor, repairOf } from './prompt.ts';

export interface OpenAiModelSettings extends OpenAiSettings, AnswerSettings {}

/** Requests about the rest of one turn, after the first whose answer was cut off. */
const maxRests = 4;

const sum = (a: Usage, b: Usage): Usage => ({
  prompt: a.prompt + b.prompt,
  completion: a.completion + b.completion,
});

/** Failures of a request that another request need not meet. */
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

type Asked = { ok: true; value: ReadChanges } | Extract<Decision, { ok: false }>;

/** An answer without anything in it that can be used. */
interface Unread {
  problem: string;
  content: string;
}

const readChanges = (
  { content, isCut }: Extract<Completion, { ok: true }>,
  request: DecideRequest,
  quoted: ReadonlySet<string>,
): ParseResult<ReadChanges> => {
  const answer = parseResponse(content, quoted);
  if (!answer.ok) return answer;
  const changes = changesOf(answer.value.elements, request);
  if (changes.problem !== undefined && changes.good === 0)
    return { ok: false, problem: changes.problem };
  return { ok: true, value: { ...changes, isCut: isCut || answer.value.isCut } };
};

/**
 * Decides with a chat model of OpenAI or of a compatible server. An answer that cannot be read is asked for once more,
 * with what is wrong with it; of an answer with some changes that cannot be used the others are. What the server does not
 * understand of the API is left out from then on. An abort rejects with the signal's reason.
 */
export const createOpenAiLanguageModel = (settings: OpenAiModelSettings): LanguageModel => {
  const conversation = createConversation(createClient(settings, 'model'), settings);
  let failing: { code: string; since: number } | undefined;

  const noted = <T extends { code: string } | undefined>(failure: T): T => {
    failing = failure && { code: failure.code, since: failing?.since ?? Date.now() };
    return failure;
  };

  const askOnce = async (
    request: DecideRequest,
    prompt: PromptMessage[],
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<Asked | Unread> => {
    const schema = answerSchema(request.turns.some(({ options }) => options.categories?.length));
    const completion = await conversation.complete(prompt, schema, signal);
    spent.usage = sum(spent.usage, completion.usage);
    if (!completion.ok) return completion;
    // Each of these may take its share of a turn of the event loop: to parse the body, to look for what could be quoted.
    await nextTurn();
    const quoted = quotable(request);
    await nextTurn();
    const changes = readChanges(completion, request, quoted);
    if (changes.ok) return changes;
    return completion.isCut
      ? unusable('length')
      : { problem: changes.problem, content: completion.content };
  };

  const ask = async (
    request: DecideRequest,
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<Asked> => {
    const messages = promptFor(request);
    const first = await askOnce(request, messages, signal, spent);
    if ('ok' in first) return first;
    const repair = [...messages, ...repairOf(first.content, first.problem)];
    const second = await askOnce(request, repair, signal, spent);
    return 'ok' in second ? second : unusable('junk');
  };

  /** The answer about one turn, asked for in ever smaller parts while it is cut off. */
  const askInParts = async (
    request: DecideRequest,
    { changes, isCut }: ReadChanges,
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<ReadChanges['changes']> => {
    let all = changes;
    let skipped = 0;
    let last: ReadChanges = { changes, isCut, good: 0 };
    let asked = request;
    for (let round = 0; last.isCut && round < maxRests; round++) {
      const rest = restOf(asked, last.changes);
      const answer = rest && (await ask(rest.request, signal, spent));
      if (!answer?.ok) break;
      skipped += rest?.skipped ?? 0;
      all = withRest(all, answer.value.changes, skipped);
      last = answer.value;
      asked = rest?.request ?? asked;
    }
    return last.isCut ? [...all, cutOff] : all;
  };

  const decide = async (
    request: DecideRequest,
    signal: AbortSignal,
    spent: { usage: Usage },
  ): Promise<Decision> => {
    const answer = await ask(request, signal, spent);
    if (!answer.ok) return answer;
    const { changes, isCut } = answer.value;
    if (!isCut) return { ok: true, changes: withSilent(request, changes), usage: noUsage };
    if (request.turns.length === 1) {
      const all = await askInParts(request, answer.value, signal, spent);
      return { ok: true, changes: withSilent(request, all), usage: noUsage };
    }
    const decided = wholeTurns(changes);
    if (decided === 0) return unusable('length');
    const turns = request.turns.slice(0, decided);
    const whole = changes.filter(({ turn }) => turn < decided);
    return { ok: true, decided, changes: withSilent({ turns }, whole), usage: noUsage };
  };

  return {
    name: settings.model,
    quality: 'model',
    batch: { turns: 16, characters: 24_000 },
    async decide(request, signal) {
      signal.throwIfAborted();
      const spent = { usage: noUsage };
      if (request.turns.length === 0) return { ok: true, changes: [], ...spent };
      try {
        const decision = await decide(request, signal, spent);
        noted(undefined);
        return { ...decision, ...spent };
      } catch (error) {
        signal.throwIfAborted();
        const failure = failureOf(error);
        noted(failure.about === 'service' ? failure : undefined);
        return { ok: false, ...failure, ...spent };
      }
    },
    async probe(signal) {
      signal.throwIfAborted();
      try {
        await conversation.probe(signal);
        noted(undefined);
        return { ok: true };
      } catch (error) {
        signal.throwIfAborted();
        const { retryable: _, about: __, ...failure } = noted(failureOf(error));
        return { ok: false, ...failure };
      }
    },
    health: (): PartHealth => (failing ? { status: 'degraded', ...failing } : { status: 'ok' }),
  };
};
