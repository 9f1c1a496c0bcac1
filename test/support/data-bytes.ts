import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Encodings of a text in files: UTF-8, JSON, UTF-16 of either byte order, JSON with every character escaped, Base64. */
const formsOf = (text: string): Buffer[] => {
  const little = Buffer.from(text, 'utf16le');
  const escaped = [...text].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [
    Buffer.from(text),
    Buffer.from(JSON.stringify(text).slice(1, -1)),
    little,
    Buffer.from(little).swap16(),
    Buffer.from(escaped.join('')),
    Buffer.from(Buffer.from(text).toString('base64').slice(0, -4)),
  ];
};

/** Finds texts in any file of a folder, in any encoding; one `text in name` per occurrence. */
export const textsInFiles = (folder: string, texts: readonly string[]): string[] => {
  const forms = texts.map((text) => ({ text, bytes: formsOf(text) }));
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => {
      const content = readFileSync(join(parentPath, name));
      const lower = Buffer.from(content.toString('latin1').toLowerCase(), 'latin1');
      return forms
        .filter(({ bytes }) => bytes.some((form) => content.includes(form) || lower.includes(form)))
        .map(({ text }) => `${text} in ${name}`);
    });
};
