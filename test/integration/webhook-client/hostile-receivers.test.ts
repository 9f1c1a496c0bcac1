import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { answer, type Reply } from '../../support/raw-receiver.ts';
import {
  openWebhookClientFixture,
  postTo,
  resultOf,
} from '../../support/webhook-client-fixture.ts';

const service = openWebhookClientFixture();
afterEach(() => service.close());

const drip = (socket: Socket, text: string, everyMs: number): void => {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.once('close', () => clearInterval(timer));
};

describe('an unreachable receiver', () => {
  it('a refused connection is distinguished from a connect timeout', async () => {
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

describe('a receiver that breaks the connection', () => {
  it.each<[string, Reply]>([
    ['resets', (socket) => socket.resetAndDestroy()],
    ['closes', (socket) => socket.end()],
    ['closes within the status line', (socket) => socket.end('HTTP/1.1 20')],
    ['closes within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\nx-a: ')],
    ['speaks another protocol', (socket) => socket.end('220 mail.example ESMTP\r\n')],
    ['speaks TLS', (socket) => socket.end(Buffer.from('15030300020228', 'hex'))],
    [
      'switches protocols',
      (socket) => socket.write('HTTP/1.1 101 Go\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
    [
      'sends two content lengths',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'),
    ],
    [
      'sends a content length and chunks',
      (socket) =>
        socket.write(
          'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
        ),
    ],
  ])('a receiver that %s is a reset attempt', async (_, reply) => {
    const { outcome, receiver } = await service.postOnce(reply);

    expect(resultOf(outcome)).toBe('reset');
    expect(receiver.requests).toHaveLength(1);
  });

  it('a connection broken within the body of a 200 response is still a response', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of');
      setTimeout(() => socket.resetAndDestroy(), 50);
    });

    expect(outcome).toMatchObject({ status: 200, bodyExcerpt: 'half of', truncated: true });
  });

  it('a connection broken within an error response is a failure with that status', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsorry\r\nzz');
    });

    expect(outcome).toMatchObject({ status: 500, bodyExcerpt: 'sorry', truncated: true });
  });
});

describe('a slow receiver', () => {
  it('a receiver that never responds fails the attempt with a timeout', async () => {
    const { outcome, receiver } = await service.postOnce(() => {}, 400);

    expect(outcome).toMatchObject({
      error: 'timeout',
      message: 'The receiver did not answer within 0.4 s.',
    });
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('the timeout of a request can be shorter than the default and never longer', async () => {
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
  ])('a receiver that sends %s byte by byte fails the attempt at its timeout', async (_, reply) => {
    const { outcome } = await service.postOnce(reply, 500);

    expect(['timeout', 'reset']).toContain(resultOf(outcome));
  });

  it('a body that arrives slowly is cut off and the response counts', async () => {
    const { outcome, receiver } = await service.postOnce((socket) => {
      socket.write(
        'HTTP/1.1 204 OK\r\n\r\n'
          .replace('204', '202')
          .replace('\r\n\r\n', '\r\ncontent-length: 10000\r\n\r\n'),
      );
      drip(socket, 'a', 20);
    });

    expect(outcome).toMatchObject({ status: 202, truncated: true });
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('a slow body does not outlast the timeout of the attempt', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 10000\r\n\r\n');
      drip(socket, 'a', 20);
    }, 400);

    expect(outcome).toMatchObject({ status: 503, retryAfterMs: 7_000 });
    // The receiver needs 1,200 ms for as much.
    expect('bodyExcerpt' in outcome && outcome.bodyExcerpt.length).toBeLessThan(60);
  });
});
