import { describe, expect, it } from 'vitest';
import { isAllowlisted, parseAllowlistEntry } from '../../../shared/domain/webhooks/allowlist.ts';
import { parseAddress } from '../../../shared/domain/webhooks/ip-address.ts';

describe('an allowlist entry', () => {
  it('an allowlist entry is an address and a port', () => {
    expect(parseAllowlistEntry('127.0.0.1:9001')).toEqual({
      address: parseAddress('127.0.0.1'),
      port: 9001,
    });
    expect(parseAllowlistEntry('[::1]:65535')).toEqual({
      address: parseAddress('::1'),
      port: 65_535,
    });
  });

  it.each([
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:080',
    '127.0.0.1:65536',
    '127.0.0.1:9001/',
    '127.0.0.0/8:9001',
    '127.0.0.*:9001',
    '127.0.0.1:*',
    '127.1:9001',
    '::1:9001',
    '[::1]',
    '[::1%lo]:9001',
    'localhost:9001',
    '*:9001',
    ':9001',
    '',
  ])('an allowlist entry is exact: %j is refused', (text) => {
    expect(parseAllowlistEntry(text)).toBeUndefined();
  });

  it('an allowlist entry allows its own address and port and no other', () => {
    const pairs = ['127.0.0.1:9001', '[::1]:9002'].flatMap(
      (text) => parseAllowlistEntry(text) ?? [],
    );
    const asked = ['127.0.0.1', '::ffff:127.0.0.1', '127.0.0.2', '::1', '::7f00:1'];

    const allowed = asked.map((text) => {
      const address = parseAddress(text);
      return [9001, 9002].filter((port) => address && isAllowlisted(address, port, pairs));
    });

    expect(allowed).toEqual([[9001], [9001], [], [9002], []]);
  });
});
