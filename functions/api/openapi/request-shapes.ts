import * as z from 'zod';
import { Instant } from '../http/instant.ts';
import { Content } from '../http/messages.ts';
import { Metadata } from '../http/metadata.ts';

const Url = z.union([z.string(), z.object({ url: z.string() })]);

const Part = z
  .union([
    z.string(),
    z.object({ type: z.literal('text'), text: z.string() }),
    z.object({ type: z.literal('image_url'), image_url: Url }),
    z.object({ type: z.literal('pdf_url'), pdf_url: Url }),
    z.object({ type: z.literal('mdx_url'), mdx_url: Url }),
  ])
  .meta({ id: 'ContentPart' });

const MessageContent = z
  .union([Part, z.array(Part), z.null()])
  .meta({ id: 'MessageContent', description: 'A text, or a list of texts and files.' });

/** Forms of the values that clients send where a schema accepts anything, because it parses the value by code. */
export const requestShapes: ReadonlyMap<z.core.$ZodType, z.ZodType> = new Map<
  z.core.$ZodType,
  z.ZodType
>([
  [Instant, z.union([z.string(), z.number()])],
  [Metadata, z.looseObject({})],
  [Content, MessageContent],
]);
