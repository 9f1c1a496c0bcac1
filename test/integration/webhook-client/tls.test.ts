import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority, selfSigned } from '../../support/certificate.ts';
import { type Answers, startDnsServer } from '../../support/dns-server.ts';
import { answer, type Reply } from '../../support/raw-receiver.ts';
import {
  openWebhookClientFixture,
  postTo,
  type Receiving,
  resultOf,
} from '../../support/webhook-client-fixture.ts';

const service = openWebhookClientFixture();
afterEach(() => service.close());

const authority = createAuthority();
const here: Answers = { a: ['127.0.0.1'] };

/** Posts to `name`, a receiver with this certificate. */
const postSecurely = async (
  name: string,
  receiving: Receiving,
  { reply = answer(200), times = 1 }: { reply?: Reply; times?: number } = {},
) => {
  const names = await startDnsServer();
  names.set(name, here);
  const receiver = await service.receive(reply, receiving);
  const client = service.createClient([receiver.port], {
    ca: authority.cert,
    dnsServers: [names.address],
    connectTimeoutMs: 1_000,
  });
  const outcomes = [];
  for (let i = 0; i < times; i++)
    outcomes.push(await client.post(postTo(`https://${name}:${receiver.port}/hooks`)));
  await names.stop();
  return { outcomes, outcome: outcomes[0], receiver };
};

describe('a receiver with TLS', () => {
  it('a receiver whose certificate is valid for its name is posted to', async () => {
    const { outcome, receiver } = await postSecurely('hooks.example.com', {
      tls: authority.issue('hooks.example.com'),
    });

    expect(outcome).toMatchObject({
      status: 200,
      timings: {
        dns: expect.any(Number),
        connect: expect.any(Number),
        tls: expect.any(Number),
        firstByte: expect.any(Number),
      },
    });
    expect(receiver.requests[0]).toContain(`host: hooks.example.com:${receiver.port}`);
  });

  it('a certificate may hold a wildcard or an IP address', async () => {
    const { outcome } = await postSecurely('hooks.example.com', {
      tls: authority.issue('*.example.com'),
    });
    const receiver = await service.receive(answer(200), { tls: authority.issue('127.0.0.1') });
    const client = service.createClient([receiver.port], { ca: authority.cert });

    const literal = await client.post(postTo(`https://127.0.0.1:${receiver.port}/`));

    expect(outcome).toMatchObject({ status: 200 });
    expect(literal).toMatchObject({ status: 200 });
  });

  it.each([
    ['expired', authority.issueExpired('hooks.example.com'), 'CERT_HAS_EXPIRED'],
    ['not yet valid', authority.issueTooEarly('hooks.example.com'), 'CERT_NOT_YET_VALID'],
    ['for another name', authority.issue('example.com'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['for its address only', authority.issue('127.0.0.1'), 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['self-signed', selfSigned('hooks.example.com'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [
      'from an unknown authority',
      createAuthority('Another Authority').issue('hooks.example.com'),
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('a receiver whose certificate is %s is refused', async (_, tls, code) => {
    const { outcome, receiver } = await postSecurely('hooks.example.com', { tls });

    expect(outcome).toMatchObject({
      error: 'tls',
      message: `No secure connection could be made (${code}).`,
    });
    expect(receiver.requests).toEqual([]);
  });

  it('a receiver that does not speak TLS is refused', async () => {
    const { outcome } = await postSecurely('hooks.example.com', {});

    expect(outcome && resultOf(outcome)).toMatch(/tls|connect_timeout/);
  });

  it('a handshake that never ends is a connect timeout', async () => {
    const names = await startDnsServer();
    names.set('hooks.example.com', here);
    const receiver = await service.receive(() => {});
    const client = service.createClient([receiver.port], {
      dnsServers: [names.address],
      connectTimeoutMs: 300,
    });

    const outcome = await client.post(postTo(`https://hooks.example.com:${receiver.port}/`));
    await names.stop();

    expect(outcome).toMatchObject({ error: 'connect_timeout' });
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('requests of one burst share one TLS handshake', async () => {
    const { outcomes, receiver } = await postSecurely(
      'hooks.example.com',
      { tls: authority.issue('hooks.example.com') },
      { times: 5 },
    );

    expect(outcomes.map(resultOf)).toEqual(['200', '200', '200', '200', '200']);
    expect(receiver.connections()).toBe(1);
    expect(outcomes.map(({ timings }) => 'tls' in timings)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('a reused connection closed by the receiver is replaced within the same attempt', async () => {
    const { outcomes, receiver } = await postSecurely(
      'hooks.example.com',
      { tls: authority.issue('hooks.example.com') },
      {
        times: 2,
        reply: (socket, request, count) => {
          if (count === 2) socket.destroy();
          else answer(200)(socket, request, count);
        },
      },
    );

    expect(outcomes.map(resultOf)).toEqual(['200', '200']);
    expect(receiver.connections()).toBe(2);
  });
});
