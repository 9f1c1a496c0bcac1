import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateHeaders } from '../../../shared/domain/webhooks/endpoint-headers.ts';

const header = (name: string, value = 'x') => validateHeaders(Object.fromEntries([[name, value]]));

describe('custom headers', () => {
  it('custom headers are kept under lower-case names', () => {
    const result = validateHeaders({ Authorization: 'Bearer a b', 'X-Tenant': '' });

    expect(result).toEqual({ ok: true, headers: { authorization: 'Bearer a b', 'x-tenant': '' } });
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
  ])('a custom header cannot be %s', (name) => {
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
  ])('a custom header cannot have the name %j, which HTTP does not allow', (name) => {
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
  ])(
    'a custom header cannot have the value %j, which is not one line of printable ASCII',
    (value) => {
      expect(header('x-note', value)).toMatchObject({ ok: false, code: 'header_refused' });
    },
  );

  it('a refusal does not quote the value of a header, which may be secret', () => {
    const refused = header('x-token', 'geheim\r\n');

    expect(JSON.stringify(refused)).not.toContain('geheim');
  });

  it('a custom header can be given only once, also when spelled differently', () => {
    expect(validateHeaders({ 'X-A': '1', 'x-a': '2' })).toMatchObject({ ok: false });
  });

  it('there are at most 20 custom headers of 4,096 characters in all', () => {
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, '']));

    expect(validateHeaders(many)).toMatchObject({ ok: false });
    expect(header('x-a', 'a'.repeat(4_093))).toMatchObject({ ok: true });
    expect(header('x-a', 'a'.repeat(4_094))).toMatchObject({ ok: false });
  });

  it('valid custom headers hold no control character and no reserved name, whatever the input', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(fc.dictionary(text, text), (headers) => {
        const result = validateHeaders(headers);
        if (!result.ok) return;

        const line = Object.entries(result.headers).flat().join('');

        expect(line).toMatch(/^[\t -~]*$/);
        expect(Object.keys(result.headers).join()).not.toMatch(/(^|,)(host|content-|webhook-)/);
      }),
      { numRuns: 500 },
    );
  });
});
