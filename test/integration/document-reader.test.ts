import { describe, expect, it } from 'vitest';
import { createDocumentReader } from '../../shared/adapters/documents/document-reader.ts';
import { docxOf, pdfBomb, pdfOf } from '../support/documents.ts';

const { signal } = new AbortController();
const reader = createDocumentReader();
const html = (text: string) => Buffer.from(text);

describe('the text of a document', () => {
  it('all pages of a PDF are read', async () => {
    const pdf = pdfOf(['I live in Lisbon.', 'My cat is Miro.']);

    const read = await reader.read(pdf, 'pdf', signal);

    expect(read).toMatchObject({ ok: true });
    expect(read.ok && read.text).toMatch(/I live in Lisbon\.\s+My cat is Miro\./);
  });

  it('all paragraphs of a Word document are read', async () => {
    const read = await reader.read(
      await docxOf('I live in Lisbon.', 'Tea & cake'.replace('&', '&amp;')),
      'docx',
      signal,
    );

    expect(read.ok && read.text.trim()).toMatch(/I live in Lisbon\.\s+Tea & cake/);
  });

  it('a web page is read without its scripts, styles and links', async () => {
    const page = html(
      '<html><head><style>p{}</style><script>alert(1)</script></head><body><h1>Ana</h1><p>I <b>like</b> <a href="https://a.test/x">tea</a>.</p></body></html>',
    );

    expect(await reader.read(page, 'html', signal)).toEqual({
      ok: true,
      text: 'Ana\n\nI like tea.',
    });
  });

  it('a text beyond the limit is cut, with one character more', async () => {
    const limits = { cpuMs: 5_000, totalMs: 60_000, memoryMb: 192, maxChars: 10 };

    const read = await createDocumentReader({ limits }).read(
      html(`<p>${'x'.repeat(99)}</p>`),
      'html',
      signal,
    );

    expect(read).toEqual({ ok: true, text: 'x'.repeat(11) });
  });
});

describe('a document that cannot be read', () => {
  it.each([
    [
      'a damaged PDF',
      Buffer.from('%PDF-1.4 and no more'),
      'pdf',
      'The PDF is damaged or protected.',
    ],
    [
      'a damaged Word document',
      Buffer.from('PK\x03\x04 and no more'),
      'docx',
      'The Word document is damaged or protected.',
    ],
    ['a PDF without text', pdfOf(['']), 'pdf', 'The PDF has no text.'],
    ['a web page without text', html('<p></p>'), 'html', 'The web page has no text.'],
  ] as const)('%s has a reason', async (_, bytes, format, reason) => {
    expect(await reader.read(bytes, format, signal)).toEqual({ ok: false, reason });
  });

  it('a PDF that inflates to 400 MB is given up, and the process goes on', async () => {
    const bomb = pdfBomb(400_000_000);

    const read = await reader.read(bomb, 'pdf', signal);
    const next = await reader.read(pdfOf(['I like tea.']), 'pdf', signal);

    expect(bomb.length).toBeLessThan(5_000_000);
    expect(read).toEqual({ ok: false, reason: 'The PDF needs too much memory to be read.' });
    expect(next).toMatchObject({ ok: true });
  });

  it('a Word document that inflates to 250 MB is given up, and the process goes on', async () => {
    const bomb = await docxOf(' '.repeat(250_000_000));

    const read = await reader.read(bomb, 'docx', signal);
    const next = await reader.read(await docxOf('I like tea.'), 'docx', signal);

    expect(bomb.length).toBeLessThan(5_000_000);
    expect(read).toEqual({
      ok: false,
      reason: 'The Word document needs too much memory to be read.',
    });
    expect(next).toMatchObject({ ok: true });
  });

  it('a parse that takes more CPU time than allowed is ended', async () => {
    const limits = { cpuMs: 50, totalMs: 60_000, memoryMb: 192, maxChars: 100_000 };
    const pages = Array.from({ length: 400 }, (_, i) => `Page ${i} is long. `.repeat(200));

    const read = await createDocumentReader({ limits: { ...limits, maxChars: 10_000_000 } }).read(
      pdfOf(pages),
      'pdf',
      signal,
    );

    expect(read).toEqual({ ok: false, reason: 'The PDF takes too long to be read.' });
  });

  it('an abort ends the thread', async () => {
    const stop = new AbortController();

    const reading = reader.read(pdfOf(['I like tea.']), 'pdf', stop.signal);
    stop.abort(new Error('stopped'));

    await expect(reading).rejects.toThrow('stopped');
  });
});
