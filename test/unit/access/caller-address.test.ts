import { describe, expect, it, vi } from 'vitest';
import {
  callerAddress,
  createAddressCache,
  maxCachedAddresses,
} from '../../../functions/api/access/caller-address.ts';

const peer = '10.0.0.9';

describe('callerAddress', () => {
  it.each([
    ['of the connection without trusted proxies', peer, undefined, 0, '10.0.0.9'],
    ['of the connection whatever a caller claims', peer, '1.2.3.4', 0, '10.0.0.9'],
    ['that the only trusted proxy saw', peer, '9.9.9.9, 1.2.3.4', 1, '1.2.3.4'],
    ['that the outer of two proxies saw', peer, '9.9.9.9, 1.2.3.4, 10.0.0.1', 2, '1.2.3.4'],
    ['of the connection if a proxy is missing', peer, '1.2.3.4', 2, '10.0.0.9'],
    ['of the connection if the header is missing', peer, undefined, 1, '10.0.0.9'],
    ['of the connection if a proxy wrote no address', peer, 'unknown', 1, '10.0.0.9'],
    ['without its port', peer, '1.2.3.4:5678', 1, '1.2.3.4'],
    ['without brackets', peer, '[2001:db8:1:2::3]:80', 1, '2001:db8:1:2:0:0:0:0'],
    ['of the /64 network for IPv6', '2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2:0:0:0:0'],
    ['as IPv4 if mapped to IPv6', '::ffff:1.2.3.4', undefined, 0, '1.2.3.4'],
    ['as it is if it cannot be parsed', 'fe80::1%eth0', undefined, 0, 'fe80::1%eth0'],
    ['undefined without a connection', undefined, undefined, 0, undefined],
  ] as const)('callerAddress returns the address %s', (_, connected, forwarded, hops, expected) => {
    expect(callerAddress(connected, forwarded, hops)).toBe(expected);
    expect(callerAddress(connected, forwarded, hops)).toBe(expected);
  });
});

describe('the cache of addresses', () => {
  const newCache = () => {
    const compute = vi.fn((text: string) => (text === 'none' ? undefined : text.toUpperCase()));
    return { compute, addressOf: createAddressCache(compute) };
  };

  it.each([
    ['a', 'A'],
    ['none', undefined],
  ])('an address is parsed once: %s', (text, expected) => {
    const { compute, addressOf } = newCache();

    expect([addressOf(text), addressOf(text)]).toEqual([expected, expected]);
    expect(compute).toHaveBeenCalledOnce();
  });

  it('the cache of addresses drops the oldest when it is full', () => {
    const { compute, addressOf } = newCache();
    for (let n = 0; n <= maxCachedAddresses; n++) addressOf(`a${n}`);
    compute.mockClear();

    addressOf(`a${maxCachedAddresses}`);
    addressOf('a1');
    expect(compute).not.toHaveBeenCalled();
    addressOf('a0');
    expect(compute).toHaveBeenCalledOnce();
  });

  it('a text that is too long for an address is not cached', () => {
    const { compute, addressOf } = newCache();
    const text = 'x'.repeat(65);

    addressOf(text);
    addressOf(text);
    expect(compute).toHaveBeenCalledTimes(2);
  });
});
