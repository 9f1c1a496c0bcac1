import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answers, startDnsServer } from '../../support/dns-server.ts';
import { answer, type RawReceiver, startRawReceiver } from '../../support/raw-receiver.ts';
import {
  openWebhookClientFixture,
  postTo,
  resultOf,
} from '../../support/webhook-client-fixture.ts';

// The receiver at 127.0.0.1 is allowed and represents the public internet. The canaries listen on the same port of other
// private addresses, which a client without the guard would reach.
const service = openWebhookClientFixture();
const canaryHosts = ['127.0.0.2', '127.0.0.3', '::1'];
let names: Awaited<ReturnType<typeof startDnsServer>>;
let receiver: RawReceiver;
let canaries: RawReceiver[];

beforeAll(async () => {
  names = await startDnsServer();
});
afterAll(() => names.stop());

beforeEach(async () => {
  receiver = await service.receive(answer(200));
  const { port } = receiver;
  canaries = await Promise.all(
    canaryHosts.map((host) => startRawReceiver(answer(200), { host, port })),
  );
});
afterEach(async () => {
  await service.close();
  for (const canary of canaries) await canary.stop();
});

const canaryConnections = (): number =>
  canaries.reduce((sum, canary) => sum + canary.connections(), 0);
const openWay = () => service.createClient([receiver.port], { dnsServers: [names.address] });
const urlOf = (name: string): string => `http://${name}:${receiver.port}/hooks`;

/** Checks a name and posts to it once. */
const tryName = async (answers: Answers | ((earlierQueries: number) => Answers)) => {
  names.set('hooks.example.com', answers);
  const client = openWay();
  const url = urlOf('hooks.example.com');
  return { checked: await client.check(url), outcome: await client.post(postTo(url)) };
};

const blocked = {
  error: 'blocked_address',
  message: 'The address is not one that webhooks are sent to.',
  timings: {},
};
const refused = {
  ok: false,
  code: 'blocked_address',
  message: 'The host name of the URL cannot be resolved to a public address.',
};

describe('a host name', () => {
  it('a name with a public address is posted to', async () => {
    const { checked, outcome } = await tryName({ a: ['127.0.0.1'] });

    expect(checked).toEqual({ ok: true });
    expect(outcome).toMatchObject({ status: 200, timings: { dns: expect.any(Number) } });
  });

  it.each<[string, Answers]>([
    ['a private address', { a: ['127.0.0.2'] }],
    ['a public and a private address', { a: ['127.0.0.1', '127.0.0.2'] }],
    ['a private and a public address', { a: ['127.0.0.2', '127.0.0.1'] }],
    ['a public IPv4 and a private IPv6 address', { a: ['127.0.0.1'], aaaa: ['::1'] }],
    [
      'many public addresses and a private one',
      {
        a: [...Array.from({ length: 20 }, () => '127.0.0.1'), '127.0.0.3'],
      },
    ],
    [
      'an alias of a private address',
      {
        through: ['edge.example.net'],
        a: ['127.0.0.2'],
      },
    ],
    [
      'an alias of an alias of localhost',
      {
        through: ['a.example.net', 'localhost'],
        a: ['127.0.0.2'],
        aaaa: ['::1'],
      },
    ],
    ['loopback in IPv6', { aaaa: ['::1'] }],
    ['an IPv4-mapped private address', { aaaa: ['::ffff:127.0.0.2'] }],
    ['an IPv4-compatible private address', { aaaa: ['::7f00:2'] }],
    ['a NAT64 address', { aaaa: ['64:ff9b::7f00:2'] }],
    ['a 6to4 address', { aaaa: ['2002:7f00:2::'] }],
    ['a Teredo address', { aaaa: ['2001:0:53aa:64c::1'] }],
    ['a link-local address', { aaaa: ['fe80::1'] }],
    ['a unique local address', { aaaa: ['fd00:ec2::254'] }],
    ['no address at all, by number', { a: ['0.0.0.0'] }],
    ['the unspecified IPv6 address', { aaaa: ['::'] }],
    ['the metadata service', { a: ['169.254.169.254'] }],
    ['a carrier’s inner address', { a: ['100.64.0.1'] }],
    ['multicast', { a: ['224.0.0.1'] }],
    ['broadcast', { a: ['255.255.255.255'] }],
  ])(
    'a name that resolves to %s is refused by the check and by the attempt',
    async (_, answers) => {
      const { checked, outcome } = await tryName(answers);

      expect(checked).toEqual(refused);
      expect(outcome).toEqual(blocked);
      expect(canaryConnections() + receiver.connections()).toBe(0);
    },
  );

  it.each<[string, Answers]>([
    ['does not exist', { fault: 'nxdomain' }],
    ['has no address', {}],
    ['is refused by its server', { fault: 'refused' }],
    ['has a failing server', { fault: 'servfail' }],
    ['has a server that talks junk', { fault: 'junk' }],
    ['has a silent server', { fault: 'silent' }],
    ['is an alias of nothing', { through: ['nothing.example.net'] }],
  ])(
    'a name that %s is refused like a private one and fails the attempt with a DNS error',
    async (_, answers) => {
      const { checked, outcome } = await tryName(answers);

      expect(checked).toEqual(refused);
      expect(resultOf(outcome)).toBe('dns');
    },
  );

  it('a name that is public in the check and private in the attempt is always blocked', async () => {
    const { checked, outcome } = await tryName((earlierQueries) => ({
      a: [earlierQueries === 0 ? '127.0.0.1' : '127.0.0.2'],
    }));

    expect(checked).toEqual({ ok: true });
    expect(outcome).toEqual(blocked);
    expect(canaryConnections()).toBe(0);
  });

  it('a name that alternates between public and private addresses never reaches a private one', async () => {
    const faces: Answers[] = [
      { a: ['127.0.0.1'] },
      { a: ['127.0.0.2'] },
      { a: ['127.0.0.1', '127.0.0.3'] },
      { a: ['127.0.0.1'], aaaa: ['::1'] },
      { aaaa: ['::ffff:127.0.0.2'] },
      { through: ['localhost'], a: ['127.0.0.2'] },
    ];
    const urls = Array.from({ length: 60 }, (_, i) => {
      names.set(
        `n${i}.example.com`,
        (earlierQueries) => faces[(i * 7 + earlierQueries * 5) % faces.length] ?? {},
      );
      return urlOf(`n${i}.example.com`);
    });
    const client = openWay();

    const fates: string[] = [];
    for (let round = 0; round < 8; round++) {
      const outcomes = await Promise.all(urls.map((url) => client.post(postTo(url))));
      fates.push(...outcomes.map(resultOf));
      await Promise.all(urls.map((url) => client.check(url)));
    }

    expect(fates).toHaveLength(480);
    expect(new Set(fates)).toEqual(new Set(['200', 'blocked_address']));
    expect(canaryConnections()).toBe(0);
  });

  it('a name that turned private is not reached after its connection was closed as idle', async () => {
    let address = '127.0.0.1';
    names.set('hooks.example.com', () => ({ a: [address] }));
    const client = openWay();
    const post = postTo(urlOf('hooks.example.com'));

    const before = await client.post(post);
    address = '127.0.0.2';
    await new Promise((resolve) => setTimeout(resolve, 400));
    const after = await client.post(post);

    expect(resultOf(before)).toBe('200');
    expect(after).toEqual(blocked);
    expect(canaryConnections()).toBe(0);
  });

  it('names are resolved by the name servers and not by a hosts file', async () => {
    const client = openWay();

    await client.post(postTo(urlOf('ip6-localhost.example.com')));

    expect(names.questions).toContain('A ip6-localhost.example.com');
    expect(names.questions).toContain('AAAA ip6-localhost.example.com');
  });
});

describe('an endpoint URL', () => {
  it.each([
    '127.0.0.2',
    '127.2',
    '2130706434',
    '0x7f000002',
    '0177.0.0.2',
    '127.0.0.2.',
    '１２７.0.0.2',
    '[::1]',
    '[::ffff:127.0.0.2]',
    '[::7f00:2]',
    '[0:0:0:0:0:0:0:1]',
    'localhost',
    'LOCALHOST.',
    'user@127.0.0.2',
    '127.0.0.1@127.0.0.2',
  ])('a URL with the private host %s is refused by the check and by the attempt', async (host) => {
    const client = openWay();

    const checked = await client.check(urlOf(host));
    const outcome = await client.post(postTo(urlOf(host)));

    expect(checked.ok).toBe(false);
    expect(outcome).toEqual(blocked);
    expect(canaryConnections()).toBe(0);
  });

  it('a URL with another port than the allowed one is refused', async () => {
    const canary = await service.receive(answer(200));
    const client = openWay();
    names.set('hooks.example.com', { a: ['127.0.0.1'] });

    const outcomes = await Promise.all(
      ['127.0.0.1', 'hooks.example.com'].map((host) =>
        client.post(postTo(`http://${host}:${canary.port}/`)),
      ),
    );

    expect(outcomes).toEqual([blocked, blocked]);
    expect(canary.connections()).toBe(0);
  });

  it('a URL with an allowed address and port needs neither a name nor https', async () => {
    const client = service.createClient([receiver.port], { allowHttp: false, ports: [443, 8443] });

    const outcome = await client.post(postTo(urlOf('127.0.0.1')));

    expect(resultOf(outcome)).toBe('200');
  });

  it('an invalid URL is a blocked attempt and never an exception', async () => {
    const client = openWay();

    const outcomes = await Promise.all(
      ['', 'nonsense', 'https://', `https://a.example/${'x'.repeat(3_000)}`].map((url) =>
        client.post(postTo(url)),
      ),
    );

    expect(outcomes).toEqual([blocked, blocked, blocked, blocked]);
  });
});
