import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateHeaders } from '../../../shared/domain/webhooks/endpoint-headers.ts';

const header = (name: string, value = 'x') => validateHeaders(Object.fromEntries([[name, value]]));

describe('custom headers', () => {
  it('are kept under lower-case names', () => {
    const judged = validateHeaders({ Authorization: 'Bearer a b', 'X-Tenant': '' });

    expect(judged).toEqual({ ok: true, headers: { authorization: 'Bearer a b', 'x-tenant': '' } });
  });

  it.each([
    'host',
    'Host',
    'HOST',
    'content-length',
    'Content-Type',
    'content-encoding',
    'content-md5',
    'transfer-encoding',
    'Connection',
    'keep-alive',
    'proxy-authorization',
    'Proxy-Connection',
    'te',
    'trailer',
    'upgrade',
    'expect',
    'accept-encoding',
    'user-agent',
    'webhook-id',
    'Webhook-Signature',
    'webhook-anything',
    'svix-id',
  ])('cannot be %s', (name) => {
    expect(header(name)).toMatchObject({ ok: false, code: 'header_refused' });
  });

  it.each([
    '',
    ' ',
    'a b',
    'a:',
    ':path',
    'a\r',
    'a\n',
    'a\r\nhost',
    'a\0',
    'ä',
    'a(b)',
    'a/b',
    'a"',
    'a'.repeat(129),
  ])('have names that HTTP allows: not %j', (name) => {
    expect(header(name)).toMatchObject({ ok: false, code: 'header_refused' });
  });

  it.each([
    'a\r\nwebhook-id: forged',
    'a\nb',
    'a\rb',
    'a\0b',
    'a\u000bb',
    'a\u0085b',
    'a\u2028b',
    '\u010a\u010d',
    'ü',
    '\u007f',
    '😀',
  ])('have values of one line of printable ASCII: not %j', (value) => {
    expect(header('x-note', value)).toMatchObject({ ok: false, code: 'header_refused' });
  });

  it('have no value in a refusal: it may be a secret', () => {
    const refused = header('x-token', 'geheim\r\n');

    expect(JSON.stringify(refused)).not.toContain('geheim');
  });

  it('are given once each, also when spelled differently', () => {
    expect(validateHeaders({ 'X-A': '1', 'x-a': '2' })).toMatchObject({ ok: false });
  });

  it('are at most 20, of 4,096 characters in all', () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, '']));

    expect(validateHeaders(many)).toMatchObject({ ok: false });
    expect(header('x-a', 'a'.repeat(4_093))).toMatchObject({ ok: true });
    expect(header('x-a', 'a'.repeat(4_094))).toMatchObject({ ok: false });
  });

  it('that pass hold no control character and no reserved name, whatever was asked for', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(fc.dictionary(text, text), (headers) => {
        const judged = validateHeaders(headers);
        if (!judged.ok) return;

        const line = Object.entries(judged.headers).flat().join('');

        expect(line).toMatch(/^[\t -~]*$/);
        expect(Object.keys(judged.headers).join()).not.toMatch(/(^|,)(host|content-|webhook-)/);
      }),
      { numRuns: 500 },
    );
  });
});
