import * as z from 'zod';
import { type Message, roles } from '../../../shared/domain/memory/turn.ts';
import { isRecord } from '../http/is-record.ts';
import { limits } from '../http/limits.ts';
import { listOf, nonEmptyListOf } from '../http/list-of.ts';
import { Content } from '../http/message-parts.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { issueText } from '../http/parse.ts';

const maxChatTime = 100;
const maxCalls = 100;

const ToolCall = z.object({
  function: z.object({ name: z.string().max(256), arguments: z.string().nullish() }),
});

export const ChatTime = z
  .union([z.string(), z.number().transform(String)], { error: 'must be a string' })
  .pipe(z.string().max(maxChatTime));

const FilePart = z.object({
  file: z.object({ file_data: z.string().min(1, 'must not be empty') }),
});

type Attachment = NonNullable<Message['attachments']>[number];

const isFilePart = (part: unknown): boolean => isRecord(part) && part['type'] === 'file';

const isAddress = /^(?:https?:|data:)/i;

/** Address of a file that is given by its address, or as bare base64. */
const addressOf = (data: string): string =>
  isAddress.test(data) ? data : `data:application/octet-stream;base64,${data}`;

/** Reads the parts of a content that are files. */
const filesIn = (
  content: readonly unknown[],
): { files: Attachment[] } | { path: PropertyKey[]; message: string } => {
  const files: Attachment[] = [];
  for (const [index, part] of content.entries()) {
    if (!isFilePart(part)) continue;
    const parsed = FilePart.safeParse(part, { error: issueText });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return { path: [index, ...(issue?.path ?? [])], message: issue?.message ?? 'is not valid' };
    }
    files.push({ type: 'file', url: addressOf(parsed.data.file.file_data) });
  }
  return { files };
};

/** Text and attachments of a content: a text, or parts. */
const MessageContent = z.unknown().transform((content, context) => {
  const parts = Array.isArray(content) ? content : [content ?? ''];
  const found = parts.length > limits.contentParts ? { files: [] } : filesIn(parts);
  if ('message' in found) {
    context.addIssue({ code: 'custom', ...found });
    return z.NEVER;
  }
  const others = Array.isArray(content) ? content.filter((part) => !isFilePart(part)) : content;
  const read = Content.safeParse(others, { error: issueText });
  if (!read.success) {
    const [issue] = read.error.issues;
    context.addIssue({ code: 'custom', message: issue?.message, path: issue?.path ?? [] });
    return z.NEVER;
  }
  const texts = read.data.map(({ text, toolText }) => text ?? toolText).filter(Boolean);
  const attachments = read.data.flatMap(({ attachment }) => attachment ?? []);
  return { text: texts.join('\n'), attachments: [...attachments, ...found.files] };
});

const calledAs = ({ function: { name, arguments: given } }: z.output<typeof ToolCall>): string =>
  `[calls ${name}(${given ?? ''})]`;

/** Message of a conversation. Calls of tools are kept as text. */
const MemosMessage = z
  .object({
    role: z.enum(roles),
    content: MessageContent.optional(),
    chat_time: ChatTime.nullish(),
    role_name: z.string().max(256).nullish(),
    tool_calls: listOf(ToolCall, maxCalls).nullish(),
  })
  .transform(({ role, content, chat_time, role_name, tool_calls }): Message => {
    const { text = '', attachments = [] } = content ?? {};
    return {
      role,
      content: [text, ...(tool_calls ?? []).map(calledAs)].filter(Boolean).join('\n'),
      ...omitNullish({
        name: role_name?.trim() || null,
        time: chat_time?.trim() || null,
        attachments: attachments[0] && attachments,
      }),
    };
  });

const isNonEmpty = ({ content, attachments }: Message): boolean =>
  content.trim() !== '' || attachments !== undefined;

/** Messages of a turn. Messages without content are dropped. */
export const MemosMessages = nonEmptyListOf(MemosMessage, limits.messages)
  .transform((messages) => messages.filter(isNonEmpty))
  .refine((messages) => messages.length > 0, 'must not be empty');
