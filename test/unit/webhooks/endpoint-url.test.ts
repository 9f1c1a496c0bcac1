import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllowlistEntry } from '../../../shared/domain/webhooks/allowlist.ts';
import { type EndpointPolicy, validateUrl } from '../../../shared/domain/webhooks/endpoint-url.ts';
import { isPublic, parseAddress } from '../../../shared/domain/webhooks/ip-address.ts';

const strict: EndpointPolicy = { allow: [], allowHttp: false };

const pairsOf = (...pairs: string[]) =>
  pairs.map((text) => {
    const pair = parseAllowlistEntry(text);
    if (!pair) throw new Error(`${text} is no pair`);
    return pair;
  });

const codeOf = (url: string, policy = strict): string => {
  const result = validateUrl(url, policy);
  return result.ok ? 'ok' : result.code;
};

describe('the URL of an endpoint', () => {
  it.each([
    'http://127.0.0.1:9001/',
    'http://localhost:9001/',
    'https://localhost:9001/',
    'https://localhost:8443/',
  ])('the refusal of %s names the setting that allows an address', (url) => {
    expect(validateUrl(url, { allow: [], allowHttp: false })).toMatchObject({
      ok: false,
      message: expect.stringContaining('TURNSTONE_WEBHOOK_ALLOW'),
    });
  });

  it.each([
    'https://example.com',
    'https://example.com/hooks?token=a%20b',
    'https://example.com:443/',
    'https://example.com:8443/hooks',
    'https://hooks.sub-domain.example.co.uk/x',
    'https://xn--bcher-kva.example/',
    'https://bücher.example/',
    'https://example.com./',
    'https://EXAMPLE.com/#part',
  ])('an endpoint URL may be %s', (url) => {
    expect(codeOf(url)).toBe('ok');
  });

  it.each([
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0X7F.1',
    '0x7f.0x0.0x0.0x1',
    '017700000001',
    '0177.0.0.1',
    '0177.0x0.0.1',
    '00000177.0.0.1',
    '127.0.0.1.',
    '127.1.',
    '1%32%37.0.0.1',
    '%31%32%37.0.0.1',
    '127%2e0%2e0%2e1',
    '１２７.０.０.１',
    '127。0。0。1',
    '127．0．0．1',
    '127｡0｡0｡1',
    '①②⑦.⓪.⓪.①',
    '𝟏𝟐𝟕.𝟎.𝟎.𝟏',
    '1​27.0.0.1',
    '1­27.0.0.1',
    '0',
    '0.0.0.0',
    '0x0',
    '127.0.0.0x',
    '10.1',
    '0xa000001',
    '172.16.1',
    '192.168.257',
    '0xc0a80101',
    '3232235777',
    '169.254.169.254',
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.16689662',
    '100.64.0.1',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    '4294967295',
    '192.0.2.1',
    '198.18.0.1',
    '8.8.8.8',
    '134744072',
    '[::1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::127.0.0.1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:FFFF:7F00:0001]',
    '[::ffff:0:127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[64:ff9b:1::7f00:1]',
    '[2002:7f00:1::]',
    '[2001:0:53aa:64c::1]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[2606:4700:4700::1111]',
  ])('an endpoint URL cannot name the address %s', (host) => {
    const result = validateUrl(`https://${host}/hooks`, strict);

    expect(result).toMatchObject({ ok: false, code: 'url_ip_literal' });
  });

  it.each([
    '256.0.0.1',
    '4294967296',
    '1.2.3.4.5',
    '08.0.0.1',
    '[::1%25lo]',
    '[fe80::1%eth0]',
    '[::ffff:127.1]',
    '[::1',
    '::1',
    'exa mple.com',
    'exa<mple.com',
    'example..com',
    '.example.com',
    'example.com..',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(127)}com`,
    '-',
    '',
  ])('an endpoint URL cannot name the impossible host %j', (host) => {
    expect(['url_invalid', 'url_private_name']).toContain(codeOf(`https://${host}/hooks`));
  });

  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'ｌｏｃａｌｈｏｓｔ',
    'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
    'api.localhost',
    'printer.local',
    'metadata.google.internal',
    'metadata.google.internal.',
    'router.home.arpa',
    'intranet',
    'metadata',
  ])('an endpoint URL cannot name the private host %s', (host) => {
    expect(codeOf(`https://${host}/hooks`)).toBe('url_private_name');
  });

  it.each([
    ['https://user@example.com/', 'url_credentials'],
    ['https://user:secret@example.com/', 'url_credentials'],
    ['https://:secret@example.com/', 'url_credentials'],
    ['https://example.com@127.0.0.1/', 'url_credentials'],
    ['https://127.0.0.1#@example.com/', 'url_ip_literal'],
    ['https://127.0.0.1?@example.com/', 'url_ip_literal'],
    ['https://127.0.0.1\\@example.com/', 'url_ip_literal'],
    ['https:\\\\127.0.0.1/', 'url_ip_literal'],
    ['https:127.0.0.1', 'url_ip_literal'],
    ['https:/127.0.0.1', 'url_ip_literal'],
    ['https://////127.0.0.1', 'url_ip_literal'],
    [' https://127.0.0.1 ', 'url_ip_literal'],
    ['ht\ntps://127.0.0.1', 'url_ip_literal'],
    ['https://127.0.\t0.1', 'url_ip_literal'],
    ['https://example.com%00.evil.com/', 'url_invalid'],
    ['https://example.com%2f@evil.com/', 'url_credentials'],
  ])('an endpoint URL is validated as it is parsed: %j is %s', (url, code) => {
    expect(codeOf(url)).toBe(code);
  });

  it.each([
    ['http://example.com/', 'url_not_https'],
    ['ftp://example.com/', 'url_not_https'],
    ['file:///etc/passwd', 'url_invalid'],
    ['file://example.com/etc/passwd', 'url_not_https'],
    ['gopher://example.com:443/_x', 'url_not_https'],
    ['ws://example.com/', 'url_not_https'],
    ['data:text/plain,x', 'url_invalid'],
    ['javascript:alert(1)', 'url_invalid'],
    ['example.com/hooks', 'url_invalid'],
    ['//example.com/hooks', 'url_invalid'],
    ['', 'url_invalid'],
  ])('an endpoint URL is https: %j is %s', (url, code) => {
    expect(codeOf(url)).toBe(code);
  });

  it.each([22, 25, 80, 444, 6379, 8080, 8444, 9200, 65_535])(
    'an endpoint URL cannot name port %i',
    (port) => {
      expect(codeOf(`https://example.com:${port}/`)).toBe('url_port');
    },
  );

  it('an endpoint URL has at most 2,048 characters', () => {
    const longest = `https://example.com/${'a'.repeat(2_028)}`;

    expect(codeOf(longest)).toBe('ok');
    expect(codeOf(`${longest}a`)).toBe('url_too_long');
  });

  it('an endpoint URL may be http when the operator allows it, on port 80 too and no other', () => {
    const lenient = { ...strict, allowHttp: true };

    expect(codeOf('http://example.com/', lenient)).toBe('ok');
    expect(codeOf('http://example.com:443/', lenient)).toBe('ok');
    expect(codeOf('http://example.com:6379/', lenient)).toBe('url_port');
    expect(codeOf('https://example.com:80/', lenient)).toBe('url_port');
    expect(codeOf('http://127.0.0.1/', lenient)).toBe('url_ip_literal');
  });

  it('an endpoint URL may name an allowlisted address and port in any spelling, and none next to it', () => {
    const policy = { ...strict, allow: pairsOf('127.0.0.1:9001', '[::1]:9002') };

    const allowed = ['http://127.0.0.1:9001/a', 'https://127.1:9001', 'http://[::1]:9002/'];
    const closed = [
      'http://127.0.0.1:9002/',
      'http://127.0.0.1/',
      'http://127.0.0.2:9001/',
      'http://[::1]:9001/',
      'http://10.0.0.1:9001/',
      'http://8.8.8.8:9001/',
    ];

    expect(allowed.map((url) => codeOf(url, policy))).toEqual(['ok', 'ok', 'ok']);
    expect(new Set(closed.map((url) => codeOf(url, policy)))).toEqual(new Set(['url_ip_literal']));
    expect(codeOf('http://[::ffff:7f00:1]:9001/', policy)).toBe('ok');
    expect(codeOf('http://localhost:9001/', policy)).toBe('url_not_https');
    expect(codeOf('http://u:p@127.0.0.1:9001/', policy)).toBe('url_credentials');
  });

  it('a refusal does not quote secrets of the URL', () => {
    const refusal = validateUrl('https://user:geheim@example.com/?key=geheim', strict);

    expect(JSON.stringify(refusal)).not.toContain('geheim');
  });

  it('no URL whose host is an address is valid, whatever it is made of', () => {
    const part = fc.oneof(
      fc.integer({ min: 0, max: 255 }).map(String),
      fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => `0x${n.toString(16)}`),
      fc.integer({ min: 0, max: 0xffff_ffff }).map((n) => `0${n.toString(8)}`),
      fc.integer({ min: 0, max: 0xffff_ffff }).map(String),
    );
    const host = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(host, (text) => {
        expect(['url_ip_literal', 'url_invalid']).toContain(codeOf(`https://${text}/`));
      }),
      { numRuns: 500 },
    );
  });

  it('any text is either refused as a URL or names a host by letters', () => {
    const text = fc.oneof(
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
      fc.string({ unit: 'binary' }).map((rest) => `https://${rest}`),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (url) => {
        const result = validateUrl(url, strict);
        if (!result.ok) return;

        const host = result.url.hostname.replace(/^\[|\]$/g, '');
        const address = parseAddress(host);

        expect(address === undefined || isPublic(address)).toBe(true);
        expect(result.host).toHaveProperty('name');
        expect([443, 8443]).toContain(result.port);
      }),
      { numRuns: 1_000 },
    );
  });
});
