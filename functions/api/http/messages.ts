import * as z from 'zod';
import { type Message, roles } from '../../../shared/domain/memory/turn.ts';
import { limits } from './limits.ts';
import { listOf, nonEmptyListOf } from './list-of.ts';
import { omitNullish } from './omit-nullish.ts';

const Url = z.union([z.string(), z.object({ url: z.string() }).transform(({ url }) => url)], {
  error: 'must be a URL or an object with a url',
});

const Part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image_url'), image_url: Url }),
  z.object({ type: z.literal('pdf_url'), pdf_url: Url }),
  z.object({ type: z.literal('mdx_url'), mdx_url: Url }),
]);
type Part = z.output<typeof Part>;

/** Converts text, one part or several parts to a list of parts. Content is missing if an assistant only calls tools. */
export const Content = z.preprocess(
  (content) => {
    const parts = Array.isArray(content) ? content : [content ?? ''];
    if (parts.length > limits.contentParts) return parts;
    return parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part));
  },
  listOf(Part, limits.contentParts),
);

const attachmentOf = (part: Part): { type: string; url: string }[] => {
  switch (part.type) {
    case 'text':
      return [];
    case 'image_url':
      return [{ type: 'image', url: part.image_url }];
    case 'pdf_url':
      return [{ type: 'pdf', url: part.pdf_url }];
    case 'mdx_url':
      return [{ type: 'mdx', url: part.mdx_url }];
  }
};

const textOf = (parts: readonly Part[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

const MessageBody = z
  .object({
    role: z.enum(roles),
    content: Content,
    name: z.string().max(256).nullish(),
  })
  .transform(({ role, content, name }): Message => {
    const attachments = content.flatMap(attachmentOf);
    return {
      role,
      content: textOf(content),
      ...omitNullish({ name: name?.trim() || null, attachments: attachments[0] && attachments }),
    };
  });

const isNonEmpty = ({ content, attachments }: Message): boolean =>
  content.trim() !== '' || attachments !== undefined;

/** Messages of a turn. Messages without content are dropped. */
export const Messages = nonEmptyListOf(MessageBody, limits.messages)
  .transform((messages) => messages.filter(isNonEmpty))
  .refine((messages) => messages.length > 0, 'must have some content');
