import * as z from 'zod';
import type { NewMessage } from '../../../shared/domain/memory/attachment.ts';
import type { Role } from '../../../shared/domain/memory/turn.ts';
import { limits } from './limits.ts';
import { nonEmptyListOf } from './list-of.ts';
import { Content, type PartContent } from './message-parts.ts';
import { omitNullish } from './omit-nullish.ts';

/** Names of roles in the APIs of language models, with the role that each is here. */
const roleNames: { readonly [name: string]: Role } = {
  user: 'user',
  human: 'user',
  assistant: 'assistant',
  ai: 'assistant',
  model: 'assistant',
  system: 'system',
  developer: 'system',
  tool: 'tool',
  function: 'tool',
};
const known = Object.keys(roleNames)
  .map((name) => `"${name}"`)
  .join(', ');

const RoleName = z.string().transform((name, context): Role => {
  const lower = name.slice(0, 20).toLowerCase();
  const role = Object.hasOwn(roleNames, lower) ? roleNames[lower] : undefined;
  if (role) return role;
  context.addIssue(`must be one of ${known}`);
  return z.NEVER;
});

/** Text beside a content that is missing: the refusal of an assistant, or the transcript of its speech. */
const textBeside = (refusal: unknown, audio: unknown): PartContent[] => {
  const transcript =
    typeof audio === 'object' && audio !== null && 'transcript' in audio ? audio.transcript : '';
  return [refusal, transcript].flatMap((text) =>
    typeof text === 'string' && text !== '' ? [{ text }] : [],
  );
};

const joined = (texts: readonly (string | undefined)[]): string =>
  texts.filter((text) => text !== undefined).join('\n');

/** A message of a request as read: one message, or two; and its parts. */
export interface ReadMessage {
  messages: NewMessage[];
  parts: readonly Pick<PartContent, 'skipped' | 'isLost'>[];
}

/** Says of messages without any content why: names the first part that was skipped, after a colon; empty if there is none. */
export const whySkipped = (read: readonly Pick<ReadMessage, 'parts'>[]): string => {
  for (const [at, { parts }] of read.entries())
    for (const [part, { skipped }] of parts.entries())
      if (skipped !== undefined) return `: part ${part} of message ${at} ${skipped}`;
  return '';
};

/** Sentences about skipped parts that an event has. */
const maxSkipped = 10;

/** The messages that are kept, of which the first has the parts that were skipped beside them, a sentence for each. */
export const withSkipped = (
  messages: readonly NewMessage[],
  read: readonly Pick<ReadMessage, 'parts'>[],
): NewMessage[] => {
  const lost = read.flatMap(({ parts }, at) =>
    parts.flatMap(({ skipped, isLost }, part) =>
      isLost ? [`Part ${part} of message ${at} ${skipped}.`] : [],
    ),
  );
  const [first, ...others] = messages;
  if (!first || lost.length === 0) return [...messages];
  return [{ ...first, skipped: lost.slice(0, maxSkipped) }, ...others];
};

/** Reads a message. The results of tools in a message of the user become a message of the tool before it. */
const MessageBody = z
  .object({
    role: RoleName,
    content: Content,
    name: z.string().max(256).nullish(),
    refusal: z.unknown().optional(),
    audio: z.unknown().optional(),
  })
  .transform(({ role, content, name, refusal, audio }): ReadMessage => {
    const isEmpty = content.every(({ text, toolText }) => !text && !toolText);
    const parts: PartContent[] = isEmpty
      ? [...content.filter(({ attachment }) => attachment), ...textBeside(refusal, audio)]
      : content;
    const attachments = parts.flatMap(({ attachment }) => attachment ?? []);
    const ofTool = joined(parts.map(({ toolText }) => toolText));
    const said = joined(parts.map(({ text }) => text));
    const message = {
      role,
      content: role === 'tool' ? joined([said || undefined, ofTool || undefined]) : said,
      ...omitNullish({ name: name?.trim() || null, attachments: attachments[0] && attachments }),
    };
    const messages: NewMessage[] =
      role === 'tool' || ofTool === '' ? [message] : [{ role: 'tool', content: ofTool }, message];
    return { messages, parts: content };
  });

const isNonEmpty = ({ content, attachments }: NewMessage): boolean =>
  content.trim() !== '' || attachments !== undefined;

/** Whether the messages of a turn have at most `limits.attachments` attachments together. */
export const hasFewAttachments = (messages: readonly NewMessage[]): boolean =>
  messages.reduce((sum, { attachments = [] }) => sum + attachments.length, 0) <= limits.attachments;

export const tooManyAttachments = `must not have more than ${limits.attachments} attachments`;

/** Messages of a turn. Messages without content are dropped. */
export const Messages = nonEmptyListOf(MessageBody, limits.messages)
  .transform((read, context): NewMessage[] => {
    const messages = read.flatMap((one) => one.messages).filter(isNonEmpty);
    if (messages.length === 0) context.addIssue(`must have some content${whySkipped(read)}`);
    return withSkipped(messages, read);
  })
  .refine(
    (messages) => messages.length <= limits.messages,
    `must not have more than ${limits.messages} entries`,
  )
  .refine(hasFewAttachments, tooManyAttachments);
