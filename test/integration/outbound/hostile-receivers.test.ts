import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { fateOf, openOutboundWorld, postTo } from '../../support/outbound-world.ts';
import { answer, type Reply } from '../../support/raw-receiver.ts';

const world = openOutboundWorld();
afterEach(() => world.close());

/** Posts once to a receiver that replies like this. */
const postOnce = async (reply: Reply, timeoutMs = 5_000) => {
  const receiver = await world.receive(reply);
  const way = world.wayTo([receiver.port], { timeoutMs });
  const from = performance.now();
  const outcome = await way.post(postTo(`http://127.0.0.1:${receiver.port}/hooks`));
  return { outcome, receiver, ms: performance.now() - from };
};

/** Writes as fast as the other side takes it, until it is gone; tells how much that was. */
const flood = (socket: Socket, chunk: Buffer | string, most = Number.POSITIVE_INFINITY) => {
  const write = (): void => {
    while (!socket.destroyed && socket.bytesWritten < most) if (!socket.write(chunk)) return;
    if (!socket.destroyed) socket.end();
  };
  socket.on('drain', write);
  write();
};

const drip = (socket: Socket, text: string, everyMs: number): void => {
  const timer = setInterval(() => socket.write(text), everyMs);
  socket.once('close', () => clearInterval(timer));
};

const megabyte = 1_048_576;

describe('a receiver that is not there', () => {
  it('is told from one that is slow', async () => {
    const receiver = await world.receive(answer(200));
    const way = world.wayTo([receiver.port]);
    await receiver.stop();

    const outcome = await way.post(postTo(`http://127.0.0.1:${receiver.port}/`));

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
    const { outcome, receiver } = await postOnce(reply);

    expect(fateOf(outcome)).toBe('reset');
    expect(receiver.requests).toHaveLength(1);
  });

  it('amid the body has answered', async () => {
    const { outcome } = await postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of');
      setTimeout(() => socket.resetAndDestroy(), 50);
    });

    expect(outcome).toMatchObject({ status: 200, bodyExcerpt: 'half of', truncated: true });
  });

  it('amid a failure is a failure of that status', async () => {
    const { outcome } = await postOnce((socket) => {
      socket.write('HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n5\r\nsorry\r\nzz');
    });

    expect(outcome).toMatchObject({ status: 500, bodyExcerpt: 'sorry', truncated: true });
  });
});

describe('a receiver that takes its time', () => {
  it('is waited for no longer than an attempt may take', async () => {
    const { outcome, ms, receiver } = await postOnce(() => {}, 400);

    expect(outcome).toMatchObject({
      error: 'timeout',
      message: 'The receiver did not answer within 0.4 s.',
    });
    expect(ms).toBeLessThan(1_500);
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('may have less time than the default, never more', async () => {
    const receiver = await world.receive(() => {});
    const way = world.wayTo([receiver.port], { timeoutMs: 300 });
    const url = `http://127.0.0.1:${receiver.port}/`;

    const [less, more] = await Promise.all([
      way.post(postTo(url, { timeoutMs: 100 })),
      way.post(postTo(url, { timeoutMs: 60_000 })),
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
    const { outcome, ms } = await postOnce(reply, 500);

    expect(['timeout', 'reset']).toContain(fateOf(outcome));
    expect(ms).toBeLessThan(1_500);
  });

  it('with its body has answered already', async () => {
    const { outcome, ms, receiver } = await postOnce((socket) => {
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
    const { outcome, ms } = await postOnce((socket) => {
      socket.write('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 10000\r\n\r\n');
      drip(socket, 'a', 20);
    }, 400);

    expect(outcome).toMatchObject({ status: 503, retryAfterMs: 7_000 });
    expect(ms).toBeLessThan(1_500);
  });
});

describe('a receiver that says too much', () => {
  it.each([200, 500])('in 256 MB of body is read to 16 kB, beside status %i', async (status) => {
    let written = 0;
    const { outcome, ms } = await postOnce((socket) => {
      socket.once('close', () => {
        written = socket.bytesWritten;
      });
      socket.write(`HTTP/1.1 ${status} Big\r\ncontent-length: ${256 * megabyte}\r\n\r\n`);
      flood(socket, Buffer.alloc(megabyte, 'a'), 256 * megabyte);
    });

    expect(outcome).toMatchObject({ status, truncated: true, bodyExcerpt: 'a'.repeat(16_384) });
    expect(ms).toBeLessThan(2_000);
    await expect.poll(() => written).toBeGreaterThan(0);
    expect(written).toBeLessThan(32 * megabyte);
  });

  it('in chunks without end is read to 16 kB', async () => {
    const { outcome, ms } = await postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      flood(socket, `4000\r\n${'b'.repeat(0x4000)}\r\n`.repeat(8));
    });

    expect(outcome).toMatchObject({ status: 200, truncated: true });
    expect(ms).toBeLessThan(2_000);
  });

  it('in the name of a chunk without end has answered, and is left', async () => {
    const { outcome, ms, receiver } = await postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;');
      flood(socket, 'x'.repeat(65_536));
    });

    expect(outcome).toMatchObject({ status: 200, truncated: true });
    expect(ms).toBeLessThan(3_500);
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('in 200 kB of headers has not answered', async () => {
    const { outcome, receiver } = await postOnce(
      answer(
        200,
        Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'h'.repeat(1_000)])),
      ),
    );

    expect(fateOf(outcome)).toBe('reset');
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('in headers without end is left', async () => {
    const { outcome, ms } = await postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, `x-a: ${'h'.repeat(60)}\r\n`.repeat(100));
    });

    expect(fateOf(outcome)).toBe('reset');
    expect(ms).toBeLessThan(2_000);
  });

  it('in trailers without end has answered, and is left', async () => {
    const { outcome, ms } = await postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n');
      flood(socket, `x-a: ${'h'.repeat(60)}\r\n`.repeat(100));
    });

    expect(outcome).toMatchObject({ status: 200, bodyExcerpt: 'ok', truncated: true });
    expect(ms).toBeLessThan(3_000);
  });

  it('in 30 kB of headers is quoted in part, with the wait it asks for at their end', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`x-${i}`, 'h'.repeat(450)]),
    );

    const { outcome } = await postOnce(answer(429, { ...many, 'retry-after': '9' }));

    expect(outcome).toMatchObject({ status: 429, retryAfterMs: 9_000 });
    expect('headers' in outcome && JSON.stringify(outcome.headers).length).toBeLessThan(9_000);
  });

  it('in a body that is a bomb once unpacked sees nothing unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * megabyte));
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    const outcome = await world.wayTo([port]).post(postTo(`http://127.0.0.1:${port}/`));
    server.closeAllConnections();
    server.close();

    expect(outcome).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
    const kept = 'bodyExcerpt' in outcome ? Buffer.byteLength(outcome.bodyExcerpt) : 0;
    expect(kept).toBeLessThanOrEqual(16_384);
  });

  it.each([
    ['103', '103 Early Hints\r\nlink: </a>'],
    ['100', '100 Continue\r\nx-a: a'],
  ])('in endless %s is left', async (_, interim) => {
    const { outcome, ms, receiver } = await postOnce((socket) =>
      flood(socket, `HTTP/1.1 ${interim}\r\n\r\n`.repeat(50)),
    );

    expect(fateOf(outcome)).toBe('reset');
    expect(ms).toBeLessThan(2_000);
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('in a few 103 is heard out', async () => {
    const { outcome } = await postOnce((socket, request, count) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(3));
      answer(200)(socket, request, count);
    });

    expect(fateOf(outcome)).toBe('200');
  });
});

describe('many hostile receivers at once', () => {
  it('leave neither memory nor connections behind', async () => {
    const receiver = await world.receive((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${256 * megabyte}\r\n\r\n`);
      flood(socket, Buffer.alloc(megabyte, 'a'), 256 * megabyte);
    });
    const way = world.wayTo([receiver.port]);
    const post = postTo(`http://127.0.0.1:${receiver.port}/`);
    const before = process.memoryUsage().rss;

    const outcomes = await Promise.all(Array.from({ length: 64 }, () => way.post(post)));

    expect(outcomes.map(fateOf)).toEqual(Array.from({ length: 64 }, () => '200'));
    await expect.poll(receiver.openSockets).toBe(0);
    // The receiver shares this process: what it had written and not sent counts too.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * megabyte);
  });
});
