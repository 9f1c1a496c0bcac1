import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { ApiEnv } from '../../functions/api/http/api-env.ts';
import { readFormBody } from '../../functions/api/http/form-body.ts';
import { HttpError } from '../../functions/api/http/http-error.ts';
import { cpuOf } from '../support/cpu-of.ts';

const Body = z.object({
  base: z.string().optional(),
  file: z
    .array(z.object({ name: z.string(), content: z.instanceof(Uint8Array), mediaType: z.string() }))
    .optional(),
});

const megabytes = 5 * 1_048_576;

/** Sends a body to a route that reads forms. */
const send = async (body: string | FormData, type?: string) => {
  const app = new Hono<ApiEnv>();
  app.post('/', async (c) => {
    c.set('attachedBodyBytes', megabytes);
    c.set('charge', () => {});
    try {
      const { base, file = [] } = await readFormBody(c, Body);
      const files = file.map(({ content, ...rest }) => [rest, Buffer.from(content).toString()]);
      return c.json({ base, files });
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return c.json({ code: error.code, message: error.message }, 400);
    }
  });
  const headers = type === undefined ? {} : { 'content-type': type };
  return (await app.request('/', { method: 'POST', body, headers })).json();
};

const type = 'multipart/form-data; boundary=b';
const field = 'Content-Disposition: form-data; name="base"';
const part = (head: string, text: string) => `--b\r\n${head}\r\n\r\n${text}\r\n`;

describe('a form', () => {
  it('a name with a null character is refused', async () => {
    const head = 'Content-Disposition: form-data; name="file"; filename="a\0.txt"';

    expect(await send(`${part(head, 'x')}--b--\r\n`, type)).toEqual({
      code: 'invalid_request',
      message: 'file[0].name must not contain a null character.',
    });
  });

  it('the largest heads of a form that is read take at most 100 ms of computing', async () => {
    const head = `Content-Disposition: form-data; name="file"; filename="a"${';a=b'.repeat(100)}`;
    const body = `${part(head, 'x').repeat(40)}--b--\r\n`;

    const { answer, ms } = await cpuOf(() => send(body, type));

    expect(answer).toMatchObject({ files: { length: 40 } });
    expect(ms).toBeLessThan(100);
  });

  it('texts and files of a form are read', async () => {
    const form = new FormData();
    form.set('base', 'one');
    form.append('file', new File(['first'], 'a.txt', { type: 'text/plain' }));
    form.append('file', new File(['second'], 'b.md'));

    expect(await send(form)).toEqual({
      base: 'one',
      files: [
        [{ name: 'a.txt', mediaType: 'text/plain' }, 'first'],
        [{ name: 'b.md', mediaType: 'application/octet-stream' }, 'second'],
      ],
    });
  });

  it.each([
    ['no boundary', '--b--\r\n', 'multipart/form-data', 'must have a boundary'],
    ['no parts', 'nothing', type, 'not a valid'],
    ['a part without an end', `--b\r\n${field}\r\n\r\nx`, type, 'not a valid'],
    ['many parts', `${part(field, 'x').repeat(41)}--b--\r\n`, type, 'more than 40 parts'],
    [
      'a long head',
      `${part(`${field}; ${'a'.repeat(2_000)}`, 'x')}--b--\r\n`,
      type,
      'head of a part',
    ],
    [
      'many long heads',
      `${part(`${field}; ${'a'.repeat(1_500)}`, 'x').repeat(14)}--b--\r\n`,
      type,
      'heads of all parts',
    ],
    [
      'many heads',
      `--b\r\n${`${field}\r\n`.repeat(100_000)}\r\nx\r\n--b--\r\n`,
      type,
      'head of a part',
    ],
    [
      'many parameters',
      `--b\r\n${field}${'; a="b"'.repeat(600_000)}\r\n\r\nx`,
      type,
      'head of a part',
    ],
    ['a long text', `${part(field, 'x'.repeat(67_000))}--b--\r\n`, type, 'text of the form'],
  ])('a form with %s is refused', async (_, body, given, message) => {
    expect(await send(body, given)).toMatchObject({
      code: 'invalid_form',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    'multipart/form-data; xboundary=z; boundary=b',
    'multipart/form-data; x="boundary=z"; boundary=b',
    'multipart/form-data; boundary=b; boundary=z',
    'multipart/form-data; boundary=z; x="',
    'multipart/form-data; boundary="\\b"',
    'multipart/form-data; boundary="b',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'b'.repeat(71)}`,
    'multipart/form-data; boundary=b c',
  ])('a form of the type %s is refused', async (given) => {
    expect(await send(`${part(field, 'x')}--b--\r\n`, given)).toMatchObject({
      code: 'invalid_form',
      message: expect.stringContaining('must have a boundary and nothing else'),
    });
  });

  it.each(['boundary="b"', 'BOUNDARY=b', 'boundary=b;'])(
    'the parameter %s is read',
    async (one) => {
      const body = `${part(field, 'x')}--b--\r\n`;

      expect(await send(body, `Multipart/Form-Data;${one}`)).toMatchObject({ base: 'x' });
    },
  );

  it.each([
    ['parameters of a head', `--b\r\n${field}${';a=b'.repeat(1_200_000)}\r\n\r\nx\r\n--b--\r\n`],
    ['lines of a head', `--b\r\n${'a:b\r\n'.repeat(900_000)}${field}\r\n\r\nx\r\n--b--\r\n`],
    ['characters of a header', `--b\r\n${'a'.repeat(5_000_000)}: b\r\n\r\nx\r\n--b--\r\n`],
    ['escapes of a name', `--b\r\n${field}; filename="${'%0a'.repeat(1_700_000)}"\r\n\r\nx`],
    ['parts', `${part(field, '').repeat(80_000)}--b--\r\n`],
    ['boundaries', '--b\r\n'.repeat(1_000_000)],
    ['line ends of a text', `--b\r\n${field}\r\n\r\n${'\r\n'.repeat(2_500_000)}--b--\r\n`],
    ['almost boundaries', `--b\r\n${field}\r\n\r\n${'\r\n--'.repeat(1_300_000)}--b--\r\n`],
  ])('a form with very many %s takes at most 100 ms of computing', async (_, body) => {
    const { answer, ms } = await cpuOf(() => send(body, type));

    expect(answer).toMatchObject({ code: 'invalid_form' });
    expect(ms).toBeLessThan(100);
  });
});
