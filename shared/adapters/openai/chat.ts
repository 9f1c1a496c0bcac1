import type OpenAI from 'openai';
import type { ChatAnswer, ChatRequest } from '../../ports/language-model.ts';
import type { AnswerLimits } from './bounded-fetch.ts';
import type { Call, OpenAiSettings } from './client.ts';
import { type Completion, completionOf, noUsage, unusable } from './completion.ts';
import type { Conversation } from './conversation.ts';
import { type AnswerSettings, type Dialect, settingFields } from './dialect.ts';
import { withoutSystem } from './prompt.ts';

/** Longest answer, in characters. */
const maxCharacters = 200_000;
/** Limits of a stream: each token of the answer is an object of its own. */
const streamLimits: AnswerLimits = { bytes: 8_388_608, values: 600_000 };

const thinking = { start: '<think>', end: '</think>' };

/** The part of an answer that is said: some servers send the reasoning of a model before it, between tags. */
const saidIn = (text: string): string => {
  const begun = text.trimStart();
  if (
    thinking.start.startsWith(begun.slice(0, thinking.start.length)) &&
    begun.length < thinking.start.length
  )
    return '';
  if (!begun.startsWith(thinking.start)) return text;
  const end = begun.indexOf(thinking.end);
  return end < 0 ? '' : begun.slice(end + thinking.end.length).trimStart();
};

const textOf = (content: string): string =>
  saidIn(content).trim().slice(0, maxCharacters).toWellFormed();

interface Chat {
  call: Call;
  conversation: Conversation;
  settings: OpenAiSettings & AnswerSettings;
}

const bodyOf = ({ settings }: Chat, request: ChatRequest, tried: Dialect) => {
  const { messages, temperature, topP } = request;
  const maxTokens = Math.min(request.maxTokens, settings.maxTokens ?? request.maxTokens);
  return {
    model: settings.model,
    messages: tried.system ? [...messages] : withoutSystem(messages),
    ...settingFields(tried, { ...settings, maxTokens }),
    ...(tried.temperature && {
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { top_p: topP }),
    }),
  };
};

/** Reads the answer as one body. */
const readWhole = async (
  chat: Chat,
  request: ChatRequest,
  tried: Dialect,
  signal: AbortSignal,
): Promise<Completion> => {
  const answer = await chat.call(
    (sdk, options) => sdk.chat.completions.create(bodyOf(chat, request, tried), options),
    { signal },
  );
  return completionOf(answer);
};

/** Text and end of a chunk of a stream. Compatible servers send chunks without choices or without a text. */
const partOf = ({ choices }: OpenAI.Chat.ChatCompletionChunk) => {
  const [choice] = choices ?? [];
  return { text: choice?.delta?.content ?? '', finish: choice?.finish_reason };
};

/** Reads the answer part by part. A stream without a text is no answer. */
const readStream = (
  chat: Chat,
  request: ChatRequest,
  tried: Dialect,
  signal: AbortSignal,
  onText: (part: string) => void,
): Promise<Completion> =>
  chat.call(
    async (sdk, options): Promise<Completion> => {
      const body = { ...bodyOf(chat, request, tried), stream: true as const };
      const stream = await sdk.chat.completions.create(body, options);
      let content = '';
      let shown = 0;
      let finish = '';
      for await (const chunk of stream) {
        const part = partOf(chunk);
        finish = part.finish ?? finish;
        content += part.text;
        if (content.length > maxCharacters) break;
        const said = saidIn(content);
        if (said.length > shown) onText(said.slice(shown));
        shown = Math.max(shown, said.length);
      }
      if (finish === 'content_filter') return unusable('refusal');
      return { ok: true, content, isTruncated: finish === 'length', usage: noUsage };
    },
    { signal, limits: streamLimits },
  );

/**
 * Continues a conversation. An answer that reaches the limit of tokens ends there.
 * @throws RetryableError, or the signal's reason
 */
export const chatWith = async (
  chat: Chat,
  request: ChatRequest,
  signal: AbortSignal,
  onText: ((part: string) => void) | undefined,
): Promise<ChatAnswer> => {
  const completion = await chat.conversation.plain((tried) =>
    onText
      ? readStream(chat, request, tried, signal, onText)
      : readWhole(chat, request, tried, signal),
  );
  if (!completion.ok) return completion;
  const text = textOf(completion.content);
  return text === ''
    ? unusable('invalid_answer', completion.usage)
    : { ok: true, text, usage: completion.usage };
};
