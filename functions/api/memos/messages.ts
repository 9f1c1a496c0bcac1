import * as z from 'zod';
import type { NewMessage } from '../../../shared/domain/memory/attachment.ts';
import { roles } from '../../../shared/domain/memory/turn.ts';
import { limits } from '../http/limits.ts';
import { listOf, nonEmptyListOf } from '../http/list-of.ts';
import { Content } from '../http/message-parts.ts';
import {
  hasFewAttachments,
  tooManyAttachments,
  whySkipped,
  withSkipped,
} from '../http/messages.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { chatTimeForms, parseChatTime } from './chat-time.ts';

const maxChatTime = 100;
const maxCalls = 100;

const ToolCall = z.object({
  function: z.object({ name: z.string().max(256), arguments: z.string().nullish() }),
});

/** A time as text, which `parseChatTime` can read, or a number. Empty text counts as none. */
export const ChatTime = z
  .union([z.string(), z.number().transform(String)], { error: 'must be a string' })
  .pipe(
    z
      .string()
      .max(maxChatTime)
      .refine(
        (text) => text.trim() === '' || parseChatTime(text) !== undefined,
        `must be a time such as ${chatTimeForms}`,
      ),
  );

const calledAs = ({ function: { name, arguments: given } }: z.output<typeof ToolCall>): string =>
  `[calls ${name}(${given ?? ''})]`;

/** Message of a conversation. Calls of tools are kept as text. */
const MemosMessage = z
  .object({
    role: z.enum(roles),
    content: Content,
    chat_time: ChatTime.nullish(),
    role_name: z.string().max(256).nullish(),
    tool_calls: listOf(ToolCall, maxCalls).nullish(),
  })
  .transform(({ role, content, chat_time, role_name, tool_calls }) => {
    const texts = content.map(({ text, toolText }) => text ?? toolText);
    const attachments = content.flatMap(({ attachment }) => attachment ?? []);
    const message: NewMessage = {
      role,
      content: [...texts, ...(tool_calls ?? []).map(calledAs)].filter(Boolean).join('\n'),
      ...omitNullish({
        name: role_name?.trim() || null,
        time: chat_time?.trim() || null,
        attachments: attachments[0] && attachments,
      }),
    };
    return { message, parts: content };
  });

const isNonEmpty = ({ content, attachments }: NewMessage): boolean =>
  content.trim() !== '' || attachments !== undefined;

/** Messages of a turn. Messages without content are dropped. */
export const MemosMessages = nonEmptyListOf(MemosMessage, limits.messages)
  .transform((read, context) => {
    const messages = read.map(({ message }) => message).filter(isNonEmpty);
    if (messages.length > 0) return withSkipped(messages, read);
    context.addIssue({ code: 'custom', message: `must not be empty${whySkipped(read)}` });
    return z.NEVER;
  })
  .refine(hasFewAttachments, tooManyAttachments);

/**
 * The messages with the times at which they were said, and that of the last one. A message without a `chat_time` was said with the one
 * before it, and the first ones with the first that has a time. Where all have one time, it is that of the turn alone.
 */
export const dated = (
  messages: readonly NewMessage[],
): { messages: NewMessage[]; observedAt?: number } => {
  const given = messages.map(({ time }) => parseChatTime(time ?? ''));
  let last = given.find((at) => at !== undefined);
  if (last === undefined) return { messages: [...messages] };
  const times = given.map((at) => {
    last = at ?? last;
    return last;
  });
  const observedAt = omitNullish({ observedAt: last });
  if (new Set(times).size === 1) return { messages: [...messages], ...observedAt };
  const own = messages.map((message, at) => ({
    ...message,
    ...omitNullish({ saidAt: times[at] }),
  }));
  return { messages: own, ...observedAt };
};
