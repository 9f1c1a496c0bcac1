const isRecord = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys of a content part that may hold a file as a data URL. */
const urlKeys = ['image_url', 'pdf_url', 'mdx_url'] as const;

const dataUrlBytes = (url: unknown): number => {
  const text = isRecord(url) ? url['url'] : url;
  return typeof text === 'string' && text.startsWith('data:') ? Buffer.byteLength(text) : 0;
};

const partsOf = (message: unknown): readonly unknown[] => {
  const content = isRecord(message) ? message['content'] : undefined;
  return Array.isArray(content) ? content : [content];
};

const partBytes = (part: unknown): number =>
  isRecord(part) ? urlKeys.reduce((sum, key) => sum + dataUrlBytes(part[key]), 0) : 0;

/** Bytes of the files that the messages of a parsed body carry in themselves; links are no files. */
export const attachmentBytes = (body: unknown): number => {
  const messages = isRecord(body) ? body['messages'] : undefined;
  let bytes = 0;
  for (const message of Array.isArray(messages) ? messages : [])
    for (const part of partsOf(message)) bytes += partBytes(part);
  return bytes;
};
