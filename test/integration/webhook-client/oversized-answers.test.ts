import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { answer } from '../../support/raw-receiver.ts';
import {
  openWebhookClientFixture,
  postTo,
  resultOf,
} from '../../support/webhook-client-fixture.ts';

const service = openWebhookClientFixture();
afterEach(() => service.close());

/** Writes as fast as the peer reads, until the peer closes; returns the number of bytes. */
const flood = (socket: Socket, chunk: Buffer | string, max = Number.POSITIVE_INFINITY) => {
  const write = (): void => {
    while (!socket.destroyed && socket.bytesWritten < max) if (!socket.write(chunk)) return;
    if (!socket.destroyed) socket.end();
  };
  socket.on('drain', write);
  write();
};

const megabyte = 1_048_576;

describe('an oversized response', () => {
  it.each([200, 500])('a body of 256 MB with status %i is read to 16 kB', async (status) => {
    let written = 0;
    const { outcome } = await service.postOnce((socket) => {
      socket.once('close', () => {
        written = socket.bytesWritten;
      });
      socket.write(`HTTP/1.1 ${status} Big\r\ncontent-length: ${256 * megabyte}\r\n\r\n`);
      flood(socket, Buffer.alloc(megabyte, 'a'), 256 * megabyte);
    });

    expect(outcome).toMatchObject({ status, truncated: true, bodyExcerpt: 'a'.repeat(16_384) });
    await expect.poll(() => written).toBeGreaterThan(0);
    expect(written).toBeLessThan(32 * megabyte);
  });

  it('an endless chunked body is read to 16 kB', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      flood(socket, `4000\r\n${'b'.repeat(0x4000)}\r\n`.repeat(8));
    });

    expect(outcome).toMatchObject({ status: 200, truncated: true });
  });

  it('a response with an endless chunk extension counts, and its connection is closed', async () => {
    const { outcome, receiver } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;');
      flood(socket, 'x'.repeat(65_536));
    });

    expect(outcome).toMatchObject({ status: 200, truncated: true });
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('200 kB of headers are a failed attempt', async () => {
    const { outcome, receiver } = await service.postOnce(
      answer(
        200,
        Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'h'.repeat(1_000)])),
      ),
    );

    expect(resultOf(outcome)).toBe('reset');
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('endless headers end the attempt and the connection', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood(socket, `x-a: ${'h'.repeat(60)}\r\n`.repeat(100));
    });

    expect(resultOf(outcome)).toBe('reset');
  });

  it('a response with endless trailers counts, and its connection is closed', async () => {
    const { outcome } = await service.postOnce((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n');
      flood(socket, `x-a: ${'h'.repeat(60)}\r\n`.repeat(100));
    });

    expect(outcome).toMatchObject({ status: 200, bodyExcerpt: 'ok', truncated: true });
  });

  it('30 kB of headers are stored in part, and Retry-After at their end is still parsed', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`x-${i}`, 'h'.repeat(450)]),
    );

    const { outcome } = await service.postOnce(answer(429, { ...many, 'retry-after': '9' }));

    expect(outcome).toMatchObject({ status: 429, retryAfterMs: 9_000 });
    expect('headers' in outcome && JSON.stringify(outcome.headers).length).toBeLessThan(9_000);
  });

  it('a compressed body is never decompressed', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * megabyte));
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(bomb);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;

    const outcome = await service.createClient([port]).post(postTo(`http://127.0.0.1:${port}/`));
    server.closeAllConnections();
    server.close();

    expect(outcome).toMatchObject({ status: 200, headers: { 'content-encoding': 'gzip' } });
    const bytes = 'bodyExcerpt' in outcome ? Buffer.byteLength(outcome.bodyExcerpt) : 0;
    expect(bytes).toBeLessThanOrEqual(16_384);
  });

  it.each([
    ['103', '103 Early Hints\r\nlink: </a>'],
    ['100', '100 Continue\r\nx-a: a'],
  ])('endless %s responses end the attempt and the connection', async (_, interim) => {
    const { outcome, receiver } = await service.postOnce((socket) =>
      flood(socket, `HTTP/1.1 ${interim}\r\n\r\n`.repeat(50)),
    );

    expect(resultOf(outcome)).toBe('reset');
    await expect.poll(receiver.openSockets).toBe(0);
  });

  it('a few 103 responses before the final one are accepted', async () => {
    const { outcome } = await service.postOnce((socket, request, count) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(3));
      answer(200)(socket, request, count);
    });

    expect(resultOf(outcome)).toBe('200');
  });
});

describe('many hostile receivers', () => {
  it('concurrent hostile receivers leave no connections open and no memory in use', async () => {
    const receiver = await service.receive((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${256 * megabyte}\r\n\r\n`);
      flood(socket, Buffer.alloc(megabyte, 'a'), 256 * megabyte);
    });
    const client = service.createClient([receiver.port]);
    const post = postTo(`http://127.0.0.1:${receiver.port}/`);
    const before = process.memoryUsage().rss;

    const outcomes = await Promise.all(Array.from({ length: 64 }, () => client.post(post)));

    expect(outcomes.map(resultOf)).toEqual(Array.from({ length: 64 }, () => '200'));
    await expect.poll(receiver.openSockets).toBe(0);
    // The receiver shares this process, so that its unsent data counts too.
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * megabyte);
  });
});
