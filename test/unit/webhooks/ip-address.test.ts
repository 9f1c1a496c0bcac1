import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  isLocal,
  isPublic,
  isSameAddress,
  parseAddress,
} from '../../../shared/domain/webhooks/ip-address.ts';

const isOpen = (text: string): boolean | undefined => {
  const address = parseAddress(text);
  return address && isPublic(address);
};

const octet = fc.integer({ min: 0, max: 255 });
const group = fc.integer({ min: 0, max: 0xffff });

describe('an address', () => {
  it.each([
    ['this network', '0.0.0.0', '0.255.255.255'],
    ['private, class A', '10.0.0.0', '10.255.255.255'],
    ['carrier-grade NAT', '100.64.0.0', '100.127.255.255'],
    ['loopback', '127.0.0.0', '127.255.255.255'],
    ['link-local, with the metadata services', '169.254.0.0', '169.254.255.255'],
    ['private, class B', '172.16.0.0', '172.31.255.255'],
    ['protocol assignments', '192.0.0.0', '192.0.0.255'],
    ['documentation 1', '192.0.2.0', '192.0.2.255'],
    ['6to4 relays', '192.88.99.0', '192.88.99.255'],
    ['private, class C', '192.168.0.0', '192.168.255.255'],
    ['benchmarking', '198.18.0.0', '198.19.255.255'],
    ['documentation 2', '198.51.100.0', '198.51.100.255'],
    ['documentation 3', '203.0.113.0', '203.0.113.255'],
    ['multicast', '224.0.0.0', '239.255.255.255'],
    ['reserved, with broadcast', '240.0.0.0', '255.255.255.255'],
    ['a cloud’s inner service', '168.63.129.16', '168.63.129.16'],
    [
      'IPv6 protocol assignments, with Teredo, ORCHID and benchmarking',
      '2001::',
      '2001:1ff:ffff::',
    ],
    ['IPv6 documentation', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['6to4', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
    ['direct delegation AS112', '2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff'],
    ['IPv6 documentation 2', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ])('every address of %s is not public', (_, first, last) => {
    expect([isOpen(first), isOpen(last)]).toEqual([false, false]);
  });

  it.each([
    ['1.0.0.0', '9.255.255.255'],
    ['11.0.0.0', '100.63.255.255'],
    ['100.128.0.0', '126.255.255.255'],
    ['128.0.0.0', '169.253.255.255'],
    ['169.255.0.0', '172.15.255.255'],
    ['172.32.0.0', '191.255.255.255'],
    ['192.0.1.0', '192.0.3.0'],
    ['192.88.98.255', '192.88.100.0'],
    ['192.167.255.255', '192.169.0.0'],
    ['198.17.255.255', '198.20.0.0'],
    ['198.51.99.255', '198.51.101.0'],
    ['203.0.112.255', '203.0.114.0'],
    ['168.63.129.15', '168.63.129.17'],
    ['8.8.8.8', '223.255.255.255'],
    ['2001:200::', '2001:db7:ffff::1'],
    ['2001:db9::', '2001:ffff::1'],
    ['2003::1', '2600::1'],
    ['2620:4f:7fff::1', '2620:4f:8001::1'],
    ['3ffe::1', '3fff:1000::1'],
    ['2a00:1450:4001::200e', '2606:4700:4700::1111'],
  ])('the neighbours of a closed range are public: %s and %s', (one, other) => {
    expect([isOpen(one), isOpen(other)]).toEqual([true, true]);
  });

  it.each([
    ['unspecified', '::'],
    ['loopback', '::1'],
    ['IPv4-compatible loopback', '::127.0.0.1'],
    ['IPv4-compatible loopback in hexadecimal', '::7f00:1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped loopback in hexadecimal', '::ffff:7f00:1'],
    ['IPv4-mapped private, written out', '0:0:0:0:0:ffff:0a00:0001'],
    ['IPv4-mapped metadata service', '::ffff:169.254.169.254'],
    ['IPv4-translated loopback', '::ffff:0:127.0.0.1'],
    ['NAT64 of loopback', '64:ff9b::127.0.0.1'],
    ['NAT64 of a public address', '64:ff9b::8.8.8.8'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4 of loopback', '2002:7f00:1::'],
    ['6to4 of a private address', '2002:c0a8:101::1'],
    ['Teredo', '2001:0:53aa:64c:0:0:80ff:fffe'],
    ['ORCHID', '2001:10::1'],
    ['ORCHIDv2', '2001:20::1'],
    ['discard only', '100::1'],
    ['unique local', 'fc00::1'],
    ['unique local, metadata service', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['segment routing', '5f00::1'],
    ['unassigned', '4000::1'],
  ])('%s is not public', (_, text) => {
    expect(isOpen(text)).toBe(false);
  });

  it('an IPv4-mapped address counts as its IPv4 address', () => {
    expect(isOpen('::ffff:8.8.8.8')).toBe(true);
    expect(isSameAddress(parseAddress('::FFFF:0808:0808'), parseAddress('8.8.8.8'))).toBe(true);
  });

  it.each([
    '',
    ' ',
    'localhost',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.0.0.01',
    '127.0.0.1.',
    '127.0.0.1.1',
    '127.0.0.256',
    '127.0.0.-1',
    '+127.0.0.1',
    ' 127.0.0.1',
    '127.0.0.1\n',
    '127.0.0.1:80',
    '127.0.0.1/32',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '１２７.0.0.1',
    '1e2.0.0.1',
    '[::1]',
    '::1%lo',
    'fe80::1%25eth0',
    ':',
    ':::',
    '1::2::3',
    ':1',
    '1:',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::12345',
    '::g',
    '::0x1',
    '::127.0.0.1:1',
    '127.0.0.1::',
    '::127.1',
    '::ffff:0177.0.0.1',
    '::ffff:127.0.0.256',
    '1:2:3:4:5:6:7:127.0.0.1',
  ])('%j is not parsed as an address', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('an IPv4 address is parsed and formatted unchanged', () => {
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const text = octets.join('.');

        const address = parseAddress(text);

        expect(address && formatAddress(address)).toBe(text);
      }),
    );
  });

  it('an IPv6 address is the same address in every spelling', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), group), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (parts) => {
        const plain = parts.map((part) => part.toString(16)).join(':');
        const padded = parts.map((part) => part.toString(16).padStart(4, '0')).join(':');
        const address = parseAddress(plain);
        const folded = new URL(`http://[${plain}]`).hostname.slice(1, -1);

        const spellings = [padded, padded.toUpperCase(), folded].map(parseAddress);

        expect(address).toBeDefined();
        expect(spellings).toEqual([address, address, address]);
        expect(address && parseAddress(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it('an IPv4 address embedded in IPv6 is public only if it is public itself', () => {
    const forms = ['::', '::ffff:', '::ffff:0:', '64:ff9b::', '64:ff9b:1::', '2001::'];
    fc.assert(
      fc.property(fc.constantFrom(...forms), octet, octet, octet, octet, (form, a, b, c, d) => {
        const v4 = `${a}.${b}.${c}.${d}`;

        const isOpenInside = isOpen(form + v4);

        expect(isOpenInside).toBe(form === '::ffff:' ? isOpen(v4) : false);
      }),
    );
  });
});

describe('a local address', () => {
  const isLocalText = (text: string) => {
    const address = parseAddress(text);
    return address && isLocal(address);
  };

  it.each(['127.0.0.1', '127.255.0.9', '0.0.0.0', '169.254.169.254', '::1', '::', 'fe80::1'])(
    '%s is one of this machine or its link',
    (text) => {
      expect(isLocalText(text)).toBe(true);
      expect(isOpen(text)).toBe(false);
    },
  );

  it('IPv4 addresses in IPv6 notation count as IPv4 addresses', () => {
    expect(isLocalText('::ffff:127.0.0.1')).toBe(true);
  });

  it.each(['10.0.0.1', '192.168.1.1', '8.8.8.8', '::2', 'fd00::1', '2606:4700::1'])(
    '%s is none of them',
    (text) => {
      expect(isLocalText(text)).toBe(false);
    },
  );
});
