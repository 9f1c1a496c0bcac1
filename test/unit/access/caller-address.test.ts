import { describe, expect, it } from 'vitest';
import { callerAddress } from '../../../functions/api/access/caller-address.ts';

const peer = '10.0.0.9';

describe('the address of a caller', () => {
  it.each([
    ['is that of the connection', peer, undefined, 0, '10.0.0.9'],
    ['is never what a caller says of itself', peer, '1.2.3.4', 0, '10.0.0.9'],
    ['is what the one proxy saw', peer, '9.9.9.9, 1.2.3.4', 1, '1.2.3.4'],
    ['is what the outer of two proxies saw', peer, '9.9.9.9, 1.2.3.4, 10.0.0.1', 2, '1.2.3.4'],
    ['is the connection where a proxy was left out', peer, '1.2.3.4', 2, '10.0.0.9'],
    ['is the connection where no proxy said anything', peer, undefined, 1, '10.0.0.9'],
    ['is the connection where a proxy said no address', peer, 'unknown', 1, '10.0.0.9'],
    ['is read without its port', peer, '1.2.3.4:5678', 1, '1.2.3.4'],
    ['is read without brackets', peer, '[2001:db8:1:2::3]:80', 1, '2001:db8:1:2:0:0:0:0'],
    ['is the network of an IPv6 one', '2001:db8:1:2:3:4:5:6', undefined, 0, '2001:db8:1:2:0:0:0:0'],
    ['is the IPv4 one that an IPv6 one stands for', '::ffff:1.2.3.4', undefined, 0, '1.2.3.4'],
    ['is taken as it is when it cannot be read', 'fe80::1%eth0', undefined, 0, 'fe80::1%eth0'],
    ['is unknown without a connection', undefined, undefined, 0, undefined],
  ] as const)('%s', (_, connected, forwarded, hops, expected) => {
    expect(callerAddress(connected, forwarded, hops)).toBe(expected);
  });
});
