/** Format of a file, as far as it decides how the file is read. */
export type FileFormat =
  | { kind: 'image'; mediaType: string }
  | { kind: 'pdf' | 'docx' | 'html' | 'text' }
  | { kind: 'unknown' };

const signatures: readonly (readonly [bytes: string, format: FileFormat])[] = [
  ['%PDF-', { kind: 'pdf' }],
  ['\x89PNG', { kind: 'image', mediaType: 'image/png' }],
  ['\xff\xd8\xff', { kind: 'image', mediaType: 'image/jpeg' }],
  ['GIF8', { kind: 'image', mediaType: 'image/gif' }],
];

/** Bytes that are examined. */
const headBytes = 1_024;

const isDocx = (head: string, name: string, mediaType: string): boolean =>
  head.startsWith('PK\x03\x04') &&
  (mediaType.includes('wordprocessingml') || /\.docx$/i.test(name) || head.includes('word/'));

const isHtml = (head: string, mediaType: string): boolean =>
  mediaType === 'text/html' ||
  mediaType === 'application/xhtml+xml' ||
  /^\s*(<!--[^>]*-->\s*)?<(!doctype html|html)\b/i.test(head);

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Text of bytes in UTF-8; undefined for other bytes, which no text has. */
export const utf8Text = (bytes: Uint8Array): string | undefined => {
  try {
    const text = utf8.decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
};

/**
 * Finds out the format of a file by its first bytes, since names and media types are often wrong. A text is one of UTF-8: Markdown,
 * MDX, JSON and the like.
 */
export const formatOf = (
  bytes: Uint8Array,
  { name = '', mediaType = '' }: { name?: string; mediaType?: string },
): FileFormat => {
  const head = Buffer.from(bytes.subarray(0, headBytes)).toString('latin1');
  const signed = signatures.find(([start]) => head.startsWith(start));
  if (signed) return signed[1];
  if (/^RIFF.{4}WEBP/s.test(head)) return { kind: 'image', mediaType: 'image/webp' };
  if (isDocx(head, name, mediaType)) return { kind: 'docx' };
  if (utf8Text(bytes) === undefined) return { kind: 'unknown' };
  return { kind: isHtml(head, mediaType) ? 'html' : 'text' };
};
