import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, type Reply } from '../../support/raw-receiver.ts';
import { resultOf, openWebhookClientFixture, postTo } from '../../support/webhook-client-fixture.ts';

const service = openWebhookClientFixture();
afterEach(() => service.close());

const drip = (socket: Socket, text: string, everyMs: number): void => {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.once('close', () => clearInterval(timer));
};

describe('a receiver that is not there', () => {
  it('is told from one that is slow', async () => {
    const receiver = await service.receive(answer(200));
    const client = service.createClient([receiver.port]);
    await receiver.stop();

    const outcome = await client.post(postTo(`http://127.0.0.1:${receiver.port}/`));

    expect(outcome).toMatchObject({
      error: 'connect_refused',
      message: 'The connection was not accepted (ECONNREFUSED).',
      remoteAddress: '127.0.0.1',
      timings: { total: expect.any(Number) },
    });
  });
});

describe('a receiver that breaks off', () => {
  it.each<[string, Reply]>([
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes', (socket) => socket.end()],
    ['closes within the status line', (socket) => socket.end('HTTP/1.1 20')],
    ['closes within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nx-a: ')],
    ['speaks something else', (socket) => socket.end('220 mail.example ESMTP\r\n')],
    ['speaks TLS', (socket) => socket.end(Buffer.from('15030300020228', 'hex'))],
    [
      'answers with a switch of protocols',
      (socket) => socket.write('HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
    [
      'gives two lengths',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    ],
    [
      'gives a length and chunks',
      (socket) =>
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        ),
    ],
  ])('has not answered: it %s', async (_, reply) => {
    const { outcome, receiver } = await service.postOnce(reply);

    expect(resultOf(outcome)).toBe('reset');
    expect(receiver.requests).toHaveLength(1);
  });

  it('amid the body has answered', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of');
      setTimeout(() => socket.resetAndDestroy(), 50);
    });

    expect(outcome).toMatchObject({ status: 200, bodyExcerpt: 'half of', truncated: true });
  });

  it('amid a failure is a failure of that status', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsorry\r\nzz');
    });

    expect(outcome).toMatchObject({ status: 500, bodyExcerpt: 'sorry', truncated: true });
  });
});

describe('a receiver that takes its time', () => {
  it('is waited for no longer than an attempt may take', async () => {
    const { outcome, ms, receiver } = await service.postOnce(() => {}, 400);

    expect(outcome).toMatchObject({
      error: 'timeout',
      message: 'The receiver did not answer within 0.4 s.',
    });
    expect(ms).toBeLessThan(1_500);
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('may have less time than the default, never more', async () => {
    const receiver = await service.receive(() => {});
    const client = service.createClient([receiver.port], { timeoutMs: 300 });
    const url = `http://127.0.0.1:${receiver.port}/`;

    const [less, more] = await Promise.all([
      client.post(postTo(url, { timeoutMs: 100 })),
      client.post(postTo(url, { timeoutMs: 60_000 })),
    ]);

    expect([less.timings.total, more.timings.total].map((ms = 0) => Math.floor(ms / 100))).toEqual([
      1, 3,
    ]);
  });

  it.each<[string, Reply]>([
    ['the status line', (socket) => drip(socket, 'H', 20)],
    [
      'a header',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx-a: ');
        drip(socket, 'a', 20);
      },
    ],
    [
      'headers',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'x-a: a\r\n', 20);
      },
    ],
  ])('and drips %s is over in time', async (_, reply) => {
    const { outcome, ms } = await service.postOnce(reply, 500);

    expect(['timeout', 'reset']).toContain(resultOf(outcome));
    expect(ms).toBeLessThan(1_500);
  });

  it('with its body has answered already', async () => {
    const { outcome, ms, receiver } = await service.postOnce((socket) => {
      socket.write(
        'HTTP/1.1 204 OK\r\n\r\n'
          .replace('204', '202')
          .replace('\r\n\r\n', '\r\ncontent-length: 10000\r\n\r\n'),
      );
      drip(socket, 'a', 20);
    }, 15_000);

    expect(outcome).toMatchObject({ status: 202, truncated: true });
    expect(ms).toBeLessThan(3_000);
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('with its body does not outlast the attempt', async () => {
    const { outcome, ms } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 10000\r\n\r\n');
      drip(socket, 'a', 20);
    }, 400);

    expect(outcome).toMatchObject({ status: 503, retryAfterMs: 7_000 });
    expect(ms).toBeLessThan(1_500);
  });
});
