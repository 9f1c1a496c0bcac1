import type { DocumentFormat } from '../../ports/document-reader.ts';

/** Text of the pages, up to the bound: later pages are not even parsed. */
const pdfText = async (bytes: Uint8Array, maxChars: number): Promise<string> => {
  const { getDocumentProxy } = await import('unpdf');
  const pdf = await getDocumentProxy(bytes, { verbosity: 0 });
  let text = '';
  for (let number = 1; number <= pdf.numPages && text.length <= maxChars; number++) {
    const page = await pdf.getPage(number);
    const { items } = await page.getTextContent();
    for (const item of items) if ('str' in item) text += item.hasEOL ? `${item.str}\n` : item.str;
    text += '\n\n';
  }
  return text;
};

const docxText = async (bytes: Uint8Array): Promise<string> => {
  const { default: mammoth } = await import('mammoth');
  return (await mammoth.extractRawText({ buffer: Buffer.from(bytes) })).value;
};

/** Bounds on what is converted: deeper or further elements are left out. */
const htmlLimits = { maxDepth: 200, maxInputLength: 5_000_000, maxChildNodes: 50_000 };

const htmlText = async (bytes: Uint8Array): Promise<string> => {
  const { convert } = await import('html-to-text');
  return convert(new TextDecoder().decode(bytes), {
    wordwrap: false,
    limits: htmlLimits,
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'script', format: 'skip' },
      { selector: 'style', format: 'skip' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });
};

/** Returns the text of a document, of which some more than `maxChars` characters matter. @throws whatever a parser throws */
export const textOf = async (
  bytes: Uint8Array,
  format: DocumentFormat,
  maxChars: number,
): Promise<string> => {
  if (format === 'pdf') return (await pdfText(bytes, maxChars)).slice(0, maxChars + 1);
  const text = format === 'docx' ? await docxText(bytes) : await htmlText(bytes);
  return text.slice(0, maxChars + 1);
};
