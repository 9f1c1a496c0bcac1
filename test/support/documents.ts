import { deflateSync } from 'node:zlib';
import JSZip from 'jszip';

/** Builds a PDF of one page for each text; `stream` replaces the content of the pages. */
export const pdfOf = (
  texts: readonly string[],
  { filter = '', stream }: { filter?: string; stream?: Uint8Array } = {},
): Uint8Array => {
  const objects: Uint8Array[] = [];
  const add = (body: string | Buffer): void => {
    objects.push(typeof body === 'string' ? Buffer.from(body) : body);
  };
  const kids = texts.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  add('<< /Type /Catalog /Pages 2 0 R >>');
  add(`<< /Type /Pages /Kids [${kids}] /Count ${texts.length} >>`);
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [i, text] of texts.entries()) {
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents ${5 + 2 * i} 0 R /Resources << /Font << /F1 3 0 R >> >> >>`,
    );
    const content = Buffer.from(stream ?? `BT /F1 12 Tf 50 700 Td (${text}) Tj ET`);
    const head = `<< /Length ${content.length} ${filter} >>\nstream\n`;
    add(Buffer.concat([Buffer.from(head), content, Buffer.from('\nendstream')]));
  }
  const parts: Uint8Array[] = [Buffer.from('%PDF-1.4\n')];
  for (const [i, body] of objects.entries())
    parts.push(Buffer.from(`${i + 1} 0 obj\n`), body, Buffer.from('\nendobj\n'));
  parts.push(Buffer.from(`trailer << /Root 1 0 R /Size ${objects.length + 1} >>\n%%EOF`));
  return Buffer.concat(parts);
};

/** Builds a small PDF whose page inflates to that many bytes. */
export const pdfBomb = (bytes: number): Uint8Array => {
  const filler = Buffer.alloc(bytes, '% filler\n');
  return pdfOf(['x'], { filter: '/Filter /FlateDecode', stream: deflateSync(filler) });
};

const types = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;
const relations = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`;

/** Builds a Word document of these paragraphs. */
export const docxOf = async (...paragraphs: readonly string[]): Promise<Uint8Array> => {
  const body = paragraphs.map((text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`).join('');
  const zip = new JSZip();
  zip.file('[Content_Types].xml', types);
  zip.file('_rels/.rels', relations);
  zip.file(
    'word/document.xml',
    `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`,
  );
  return zip.generateAsync({ type: 'uint8array', compression: 'DEFLATE' });
};
