import * as z from 'zod';
import type { NewAttachment } from '../../../shared/domain/memory/attachment.ts';
import { attachmentOf, filePartOf } from './attachments.ts';
import { isRecord } from './is-record.ts';
import { limits } from './limits.ts';
import { listOf } from './list-of.ts';

/** Content of a part of a message. */
export interface PartContent {
  text?: string;
  /** Text that a tool returned. Some APIs put it into a message of the user. */
  toolText?: string;
  attachment?: NewAttachment;
  /** Why nothing of the part is remembered, as the end of a sentence. */
  skipped?: string;
  /** Whether the part may have had something to remember: reasoning and calls of tools never have. */
  isLost?: true;
}

/** Types of parts that are text which was said. */
const spokenTypes = new Set(['text', 'input_text', 'output_text', 'refusal', 'summary_text']);
/** Types of parts whose text was thought, not said. */
const silentTypes = new Set(['thinking', 'redacted_thinking', 'reasoning']);
const toolResultTypes = new Set(['tool_result', 'tool-result', 'function_call_output']);

/** Returns the text of a field, which some APIs wrap into an object. */
const textIn = (value: unknown): string | undefined => {
  const text = isRecord(value) ? (value['value'] ?? value['text']) : value;
  return typeof text === 'string' ? text : undefined;
};

/** Returns the text of a tool's result: a text, an object with a text, or a list of parts. */
const toolTextIn = (part: Record<string, unknown>): string | undefined => {
  const result = part['content'] ?? part['output'] ?? part['result'];
  const value = isRecord(result) ? (result['value'] ?? result['text']) : result;
  const parts = Array.isArray(value) ? value.slice(0, limits.contentParts) : [value];
  const texts = parts.map((one) => textIn(isRecord(one) ? one['text'] : one)).filter(Boolean);
  return texts.length > 0 ? texts.join('\n') : undefined;
};

/** Names of types are repeated in messages only if they look like names. */
const shownType = (type: string): string => (/^[\w.-]{1,40}$/.test(type) ? `"${type}"` : 'unknown');

const skippedAs = (type: string): string => {
  if (silentTypes.has(type)) return 'is reasoning, which is not remembered';
  if (toolResultTypes.has(type)) return 'is the result of a tool without a text';
  if (/audio/.test(type)) return 'is audio without a transcript, which is not read';
  if (/tool|function/.test(type)) return 'is the call of a tool, which is not remembered';
  if (/file|image|document/.test(type))
    return `has the type ${shownType(type)} without a URL or data, so there is no file to read`;
  return `has the type ${shownType(type)}, which is not read`;
};

const textPart = (text: string | undefined, type: string): PartContent => {
  if (text !== undefined) return { text };
  const skipped = skippedAs(type);
  return /tool|function/.test(type) ? { skipped } : { skipped, isLost: true };
};

/** Reads a part of a kind that this service does not treat specially: audio has a transcript, a few others a text. */
const otherPart = (part: Record<string, unknown>, type: string): PartContent => {
  const nested = isRecord(part[type]) ? part[type]['transcript'] : undefined;
  return textPart(textIn(part['text']) ?? textIn(part['transcript'] ?? nested), type);
};

/**
 * Reads one part of a content, in the forms of OpenAI, Anthropic, Google and the AI SDK. Text and files are
 * read. Calls of tools, reasoning, audio and parts of unknown types without a text are skipped. Only a malformed part is refused.
 */
const Part = z.looseObject({ type: z.string().optional() }).transform((part, context) => {
  const { type = 'text' } = part;
  const file = filePartOf(part);
  if (file) {
    const attachment = attachmentOf(file);
    if (typeof attachment !== 'string') return { attachment };
    context.addIssue({ code: 'custom', message: attachment, path: [file.field] });
    return z.NEVER;
  }
  if (silentTypes.has(type)) return { skipped: skippedAs(type) };
  if (toolResultTypes.has(type)) {
    const toolText = toolTextIn(part);
    return toolText === undefined ? { skipped: skippedAs(type) } : { toolText };
  }
  if (!spokenTypes.has(type)) return otherPart(part, type);
  const key = type === 'refusal' ? 'refusal' : 'text';
  const text = textIn(part[key]);
  if (text !== undefined) return { text };
  context.addIssue({
    code: 'custom',
    message: part[key] === undefined ? 'is required' : 'must be a string',
    path: [key],
  });
  return z.NEVER;
}) satisfies z.ZodType<PartContent>;

/** Converts text, one part or several parts to a list of parts. Content is missing if an assistant only calls tools. */
export const Content = z.preprocess(
  (content) => {
    const parts = Array.isArray(content) ? content : [content ?? ''];
    if (parts.length > limits.contentParts) return parts;
    return parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part));
  },
  listOf(Part, limits.contentParts),
);
