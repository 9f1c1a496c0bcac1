import { afterEach, describe, expect, it } from 'vitest';
import { docxOf, pdfOf } from '../../support/documents.ts';
import { finalEvent } from '../../support/in-memory-service.ts';
import { type MemoryService, openMemoryService } from '../../support/memory-service.ts';
import { learning } from '../../support/scripted-model.ts';

let service: MemoryService;
afterEach(() => service.close());

const base64 = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64');

const dataUrl = (mediaType: string, bytes: string | Uint8Array): string =>
  `data:${mediaType};base64,${base64(bytes)}`;

const png = Buffer.from('\x89PNG\r\n\x1a\n and pixels', 'latin1');

/** Texts that the model was shown, of all requests. */
const shown = (): string[] =>
  service.model.requests.flatMap(({ turns }) =>
    turns.flatMap(({ messages }) => messages.map(({ content }) => content)),
  );

/** Adds a message with these parts. Returns the final event. */
const add = async (content: object | object[], fields: object = {}) => {
  const { event } = await service.add([{ role: 'user', content }], fields);
  return finalEvent(service.client, event);
};

const text = { type: 'text', text: 'My notes.' };

describe('a file that comes with an add', () => {
  it.each([
    ['mdx_url as base64', { type: 'mdx_url', mdx_url: { url: base64('# Ana\n\nI like tea.') } }],
    [
      'mdx_url as a data URL',
      { type: 'mdx_url', mdx_url: dataUrl('text/markdown', 'I like tea.') },
    ],
    ['txt_url without base64', { type: 'txt_url', txt_url: 'data:text/plain,I%20like%20tea.' }],
    [
      'JSON of OpenAI',
      {
        type: 'file',
        file: { filename: 'a.json', file_data: dataUrl('application/json', '{"a":"I like tea."}') },
      },
    ],
    [
      'HTML of the AI SDK',
      { type: 'file', mediaType: 'text/html', data: base64('<html><p>I like tea.</p></html>') },
    ],
    [
      'PDF of mem0',
      { type: 'pdf_url', pdf_url: { url: dataUrl('application/pdf', pdfOf(['I like tea.'])) } },
    ],
    [
      'PDF of Anthropic',
      {
        type: 'document',
        title: 'a.pdf',
        source: {
          type: 'base64',
          media_type: 'application/pdf',
          data: base64(pdfOf(['I like tea.'])),
        },
      },
    ],
    [
      'text of Anthropic',
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'I like tea.' } },
    ],
    ['text of Google', { inline_data: { mime_type: 'text/plain', data: base64('I like tea.') } }],
  ])('the text of a file is refined: %s', async (_, part) => {
    service = await openMemoryService();

    const event = await add([text, part]);

    expect(event).toMatchObject({
      status: 'SUCCEEDED',
      attachments: [{ part: 0, status: 'read' }],
    });
    expect(shown().join('\n')).toMatch(/My notes\.\s.*\s?.*I like tea\./s);
  });

  it('a Word document is refined', async () => {
    service = await openMemoryService();
    const docx = await docxOf('I like tea.');

    const event = await add({
      type: 'file',
      file: { filename: 'a.docx', file_data: base64(docx) },
    });

    expect(event.attachments).toEqual([{ part: 0, type: 'file', status: 'read' }]);
    expect(shown()).toEqual([expect.stringContaining('[file a.docx]\nI like tea.')]);
  });

  it('a memory of a file rests on the message of the file', async () => {
    service = await openMemoryService();
    service.model.always(learning('Ana likes tea.'));
    const messages = [
      { role: 'user', content: 'Hello.' },
      { role: 'user', content: { type: 'txt_url', txt_url: dataUrl('text/plain', 'I like tea.') } },
    ];

    await service.learn(messages);
    const [found] = await service.listed();

    expect(found).toMatchObject({ memory: 'Ana likes tea.' });
  });

  it('an image is kept and not read without a model that sees', async () => {
    service = await openMemoryService();

    const event = await add([
      text,
      { type: 'image_url', image_url: { url: dataUrl('image/png', png) } },
    ]);

    expect(event).toMatchObject({
      status: 'SUCCEEDED',
      attachments: [
        {
          part: 0,
          type: 'image',
          status: 'kept',
          reason: expect.stringContaining('no language model'),
        },
      ],
    });
    expect(shown()).toEqual(['My notes.']);
  });

  it('an image is described by a model that sees', async () => {
    service = await openMemoryService();
    service.model.describeImage = async ({ mediaType }) => ({
      ok: true,
      text: `A pizza with olives (${mediaType}).`,
      usage: { prompt: 100, completion: 20 },
    });

    const event = await add([text, { type: 'image_url', image_url: dataUrl('image/jpeg', png) }]);

    expect(event.attachments).toEqual([{ part: 0, type: 'image', status: 'read' }]);
    expect(shown()[1]).toBe('[image]\nA pizza with olives (image/png).');
    expect(event.tokens).toMatchObject({ prompt: expect.any(Number) });
    expect(event.tokens.prompt).toBeGreaterThanOrEqual(100);
  });

  it('a file that cannot be read fails alone, and the text beside it is refined', async () => {
    service = await openMemoryService();
    const parts = [
      { type: 'pdf_url', pdf_url: dataUrl('application/pdf', '%PDF-1.4 damaged') },
      {
        type: 'file',
        file: {
          filename: 'a.bin',
          file_data: base64(Buffer.alloc(16, 0xff)),
        },
      },
      { type: 'txt_url', txt_url: dataUrl('text/plain', 'I like tea.') },
    ];

    const event = await add([text, ...parts]);

    expect(event.attachments).toEqual([
      { part: 0, type: 'pdf', status: 'failed', reason: 'The PDF is damaged or protected.' },
      { part: 1, type: 'file', status: 'kept', reason: expect.stringContaining('not supported') },
      { part: 2, type: 'txt', status: 'read' },
    ]);
    expect(shown()).toEqual(['My notes.', '[txt]\nI like tea.']);
  });

  it('a long document is refined in pieces, up to a limit that the event names', async () => {
    service = await openMemoryService();
    const long = Array.from({ length: 20_000 }, (_, i) => `I know fact ${i}.`).join('\n');

    const event = await add({
      type: 'txt_url',
      txt_url: { url: dataUrl('text/plain', long), name: 'facts.txt' },
    });

    expect(event).toMatchObject({
      status: 'SUCCEEDED',
      attachments: [{ status: 'read', reason: expect.stringContaining('first 96,000 characters') }],
    });
    const pieces = shown();
    expect(pieces.length).toBeGreaterThan(15);
    expect(pieces[1]).toMatch(/^\[txt facts\.txt, part 2 of 17\]\n/);
    expect(
      Math.max(
        ...service.model.requests.map(({ turns }) =>
          turns.reduce((sum, { messages }) => sum + (messages[0]?.content.length ?? 0), 0),
        ),
      ),
    ).toBeLessThan(13_000);
  });

  it('texts that are stored word for word have no attachments read', async () => {
    service = await openMemoryService();

    const event = await add(
      [text, { type: 'txt_url', txt_url: dataUrl('text/plain', 'I like tea.') }],
      { infer: false },
    );

    expect(event.attachments).toMatchObject([{ part: 0, type: 'txt', status: 'kept' }]);
    expect((await service.listed()).map(({ memory }) => memory)).toEqual(['My notes.']);
  });

  it('a rough memory shows attachments by their names, and the event without their digests', async () => {
    service = await openMemoryService({ refines: false });
    const parts = [
      text,
      {
        type: 'pdf_url',
        pdf_url: { url: dataUrl('application/pdf', pdfOf(['x'])), name: 'cv.pdf' },
      },
      { type: 'image_url', image_url: dataUrl('image/png', png) },
    ];

    const { turn, event } = await service.add([{ role: 'user', content: parts }]);
    const found = await service.get(turn);
    const { body } = await service.client(`GET /v1/events/${event}`);

    expect(found.body.memory).toBe('user: My notes. [pdf: cv.pdf] [image]');
    expect(body.payload.messages[0].attachments).toEqual([
      { type: 'pdf', url: 'data:application/pdf', name: 'cv.pdf' },
      { type: 'image', url: 'data:image/png' },
    ]);
    expect(body.attachments).toEqual([
      { part: 0, type: 'pdf', status: 'pending' },
      { part: 1, type: 'image', status: 'pending' },
    ]);
  });

  it.each([
    ['ftp://example.com/a.pdf', 'pdf_url'],
    ['cat.png', 'image_url'],
    ['data:image/png;base64,***', 'image_url'],
    ['data:text/plain', 'mdx_url'],
  ])('%s is a 400 that names the field', async (url, type) => {
    service = await openMemoryService({ refines: false });

    const { status, body } = await service.client('POST /v1/turns', {
      body: { user_id: 'alice', messages: [{ role: 'user', content: [{ type, [type]: url }] }] },
    });

    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'invalid_request',
      field: `messages[0].content[0].${type}`,
      detail: `messages[0].content[0].${type} must be an http or https URL, a data URL or base64.`,
    });
  });

  it('an add repeated with the same key and files is the same event, and another file is a 409', async () => {
    service = await openMemoryService({ refines: false });
    const send = (said: string) =>
      service.client('POST /v1/turns', {
        headers: { 'idempotency-key': 'one' },
        body: {
          user_id: 'alice',
          messages: [
            { role: 'user', content: { type: 'txt_url', txt_url: dataUrl('text/plain', said) } },
          ],
        },
      });

    const [first, same, other] = [await send('tea'), await send('tea'), await send('mate')];

    expect(same.body).toMatchObject({ event_id: first.body.event_id, replayed: true });
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_key_reused' } });
  });
});
