import type { NewAttachment } from '../../../shared/domain/memory/attachment.ts';
import { plainText } from '../../../shared/domain/plain-text.ts';
import { isRecord } from './is-record.ts';

/** A part of a message that has a file: a link, a data URL or base64. */
export interface FilePart {
  type: string;
  /** Field of the part that has the file, for messages about it. */
  field: string;
  file: unknown;
  name?: unknown;
  mediaType?: unknown;
  /** Whether the file is text as it stands. */
  isText?: boolean;
}

/** Keys of parts that name a file by URL, with the type of the attachment. */
const urlKeys = { image_url: 'image', pdf_url: 'pdf', mdx_url: 'mdx', txt_url: 'txt' } as const;

const isUrlKey = (type: string): type is keyof typeof urlKeys => Object.hasOwn(urlKeys, type);

const typeOf = (mediaType: unknown): string => {
  if (mediaType === 'application/pdf') return 'pdf';
  return typeof mediaType === 'string' && mediaType.startsWith('image/') ? 'image' : 'file';
};

type Part = Record<string, unknown>;

const recordIn = (part: Part, ...keys: readonly string[]): Part | undefined =>
  keys.map((key) => part[key]).find(isRecord);

const urlPart = (part: Part, key: keyof typeof urlKeys): FilePart => {
  const value = part[key];
  const { url, name, filename } = isRecord(value) ? value : { url: value };
  return { type: urlKeys[key], field: key, file: url, name: name ?? filename ?? part['filename'] };
};

/** A file as Anthropic's API has it. */
const sourcePart = (part: Part, source: Part, type: string): FilePart => {
  const { media_type: mediaType, data, url } = source;
  const isText = source['type'] === 'text';
  return {
    type: type === 'image' ? type : typeOf(mediaType),
    field: 'source',
    file: data ?? url,
    name: part['title'],
    mediaType,
    isText,
  };
};

/** A file as the APIs of OpenAI and the AI SDK have it. */
const dataPart = (part: Part, type: string): FilePart => {
  const file = recordIn(part, 'file') ?? part;
  const mediaType = part['mediaType'] ?? part['mimeType'] ?? part['media_type'];
  const isImage = type === 'image' || type === 'input_image';
  return {
    type: isImage ? 'image' : typeOf(mediaType),
    field: type,
    file:
      file['file_data'] ?? part['file_url'] ?? part['image_url'] ?? part['image'] ?? part['data'],
    name: file['filename'] ?? part['name'],
    mediaType,
  };
};

const dataTypes = new Set(['file', 'input_file', 'image', 'input_image']);

/** A file as Google's API has it. */
const inlinePart = (part: Part): FilePart | undefined => {
  const inline = recordIn(part, 'inline_data', 'inlineData');
  const linked = recordIn(part, 'file_data', 'fileData');
  const { data } = inline ?? {};
  const from = inline ?? linked;
  if (!from || part['type'] !== undefined) return undefined;
  const mediaType = from['mime_type'] ?? from['mimeType'];
  const file = data ?? from['file_uri'] ?? from['fileUri'];
  return { type: typeOf(mediaType), field: 'inline_data', file, mediaType };
};

/**
 * Finds the file of a part, in the forms of mem0, OpenAI, Anthropic, Google and the AI SDK. Undefined for other parts, and for those that
 * name a file by an id of another service.
 */
export const filePartOf = (part: Part): FilePart | undefined => {
  const { type } = part;
  if (typeof type !== 'string') return inlinePart(part);
  if (isUrlKey(type)) return urlPart(part, type);
  const source = recordIn(part, 'source');
  const found =
    source && (type === 'image' || type === 'document')
      ? sourcePart(part, source, type)
      : dataTypes.has(type)
        ? dataPart(part, type)
        : undefined;
  return typeof found?.file === 'string' ? found : undefined;
};

const isLink = (file: string): boolean => /^https?:\/\//i.test(file);

/** Characters of the part that are a file, and not a link. */
export const embeddedLength = (part: unknown): number => {
  const file = isRecord(part) ? filePartOf(part)?.file : undefined;
  return typeof file === 'string' && !isLink(file) ? Buffer.byteLength(file) : 0;
};

const base64 = /^[A-Za-z0-9+/_\-\s]+={0,2}$/;
/** Shorter texts are no files: more likely a mistaken link. */
const minBase64 = 12;

const decodeBase64 = (text: string): Uint8Array | undefined =>
  base64.test(text.trimEnd()) ? Buffer.from(text, 'base64') : undefined;

const decodePercent = (text: string): Uint8Array | undefined => {
  try {
    return Buffer.from(decodeURIComponent(text));
  } catch {
    return undefined;
  }
};

interface Embedded {
  mediaType: string;
  bytes: Uint8Array;
}

/** Reads a data URL (RFC 2397), of which the part before the comma is short. */
const dataUrl = (url: string): Embedded | undefined => {
  const [, mediaType = '', parameters = ''] =
    /^data:([^,;]{0,200})((?:;[^,;]{0,200}){0,8}),/i.exec(url.slice(0, 2_000)) ?? [];
  const comma = url.indexOf(',');
  if (comma < 0 || comma >= 2_000) return undefined;
  const content = url.slice(comma + 1);
  const bytes = /;\s*base64$/i.test(parameters) ? decodeBase64(content) : decodePercent(content);
  return bytes && { mediaType: mediaType.toLowerCase(), bytes };
};

const embeddedIn = (file: string, isText: boolean): Embedded | undefined => {
  if (isText) return { mediaType: 'text/plain', bytes: Buffer.from(file) };
  if (/^data:/i.test(file)) return dataUrl(file);
  const bytes = file.length < minBase64 ? undefined : decodeBase64(file);
  return bytes && { mediaType: '', bytes };
};

const maxNameLength = 200;

const shortText = (value: unknown): string | undefined =>
  typeof value === 'string' ? plainText(value.trim(), maxNameLength) || undefined : undefined;

/**
 * Returns the attachment of a part, with its bytes if they came with the part; else the end of a sentence about the field.
 */
export const attachmentOf = ({
  type,
  file,
  isText = false,
  ...part
}: FilePart): NewAttachment | string => {
  if (typeof file !== 'string') return 'must be a URL or an object with a url';
  const name = shortText(part.name);
  const named = name === undefined ? {} : { name };
  if (!isText && isLink(file)) return { type, url: file, ...named };
  const embedded = embeddedIn(file, isText);
  if (!embedded) return 'must be an http or https URL, a data URL or base64';
  const mediaType = shortText(part.mediaType) ?? embedded.mediaType;
  return {
    type,
    url: `data:${mediaType}`,
    ...named,
    ...(mediaType === '' ? {} : { mediaType }),
    bytes: embedded.bytes,
  };
};
