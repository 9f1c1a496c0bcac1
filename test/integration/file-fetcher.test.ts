import { afterEach, describe, expect, it } from 'vitest';
import {
  createFileFetcher,
  type FileFetcherOptions,
} from '../../shared/adapters/webhook-client/file-fetcher.ts';
import { parseAddress } from '../../shared/domain/webhooks/ip-address.ts';
import { answer, type RawReceiver, type Reply, startRawReceiver } from '../support/raw-receiver.ts';

const { signal } = new AbortController();
const servers: RawReceiver[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const serve = async (reply: Reply): Promise<RawReceiver> => {
  const server = await startRawReceiver(reply);
  servers.push(server);
  return server;
};

/** Fetches from a server that may be reached, by default from the last one. */
const fetchFrom = (
  { port }: RawReceiver,
  options: Partial<FileFetcherOptions> = {},
  path = '/a.txt',
) => {
  const address = parseAddress('127.0.0.1');
  const allow = address ? [{ address, port }] : [];
  const fetcher = createFileFetcher({ allow, allowHttp: true, ports: [port], ...options });
  return fetcher.fetch(`http://127.0.0.1:${port}${path}`, signal);
};

const notPublic = 'The link does not lead to a public address on the ports 80, 443 or 8443.';

describe('a link to a file', () => {
  it('the file is read with its media type, by a GET without credentials', async () => {
    const server = await serve(answer(200, { 'content-type': 'Text/Plain; charset=utf-8' }, 'tea'));

    const fetched = await fetchFrom(server, {}, '/a.txt?x=1');

    expect(fetched).toEqual({ ok: true, bytes: Buffer.from('tea'), mediaType: 'text/plain' });
    expect(server.requests[0]).toMatch(/^GET \/a\.txt\?x=1 HTTP\/1\.1\r\n/);
    expect(server.requests[0]).not.toMatch(/authorization|cookie/i);
  });

  it('a media type is kept up to 200 characters', async () => {
    const type = `text/plain${'x'.repeat(5_000)}; charset=utf-8`;
    const server = await serve(answer(200, { 'content-type': type }, 'tea'));

    const fetched = await fetchFrom(server);

    expect(fetched).toMatchObject({ ok: true, mediaType: `text/plain${'x'.repeat(190)}` });
  });

  it('a redirect is followed', async () => {
    const server = await serve((socket, request, count) =>
      answer(
        request.startsWith('GET /b') ? 200 : 302,
        request.startsWith('GET /b') ? {} : { location: '/b' },
        'tea',
      )(socket, request, count),
    );

    expect(await fetchFrom(server)).toMatchObject({ ok: true, bytes: Buffer.from('tea') });
  });

  it('a redirect to an address that may not be reached is not followed', async () => {
    const inner = await serve(answer(200, {}, 'secret'));
    const server = await serve(
      answer(302, { location: `http://127.0.0.1:${inner.port}/secret` }, ''),
    );

    const fetched = await fetchFrom(server, { ports: [server.port, inner.port] });

    expect(fetched).toEqual({ ok: false, reason: notPublic, retryable: false });
    expect(inner.requests).toEqual([]);
  });

  it.each([
    'http://127.0.0.1/a',
    'http://[::1]/a',
    'http://169.254.169.254/latest/meta-data',
    'https://localhost/a',
    'https://example.com:22/a',
    'file:///etc/passwd',
  ])('%s is refused, whatever is behind it', async (url) => {
    const fetched = await createFileFetcher({ allow: [], allowHttp: true }).fetch(url, signal);

    expect(fetched).toMatchObject({ ok: false, retryable: false });
  });

  it('endless redirects are given up', async () => {
    const server = await serve(answer(302, { location: '/again' }, ''));

    expect(await fetchFrom(server)).toMatchObject({ reason: 'The link redirects too often.' });
    expect(server.requests).toHaveLength(4);
  });

  it.each([
    [404, false],
    [403, false],
    [429, true],
    [500, true],
  ])('a status %i fails, and another try helps: %s', async (status, retryable) => {
    const server = await serve(answer(status));

    expect(await fetchFrom(server)).toEqual({
      ok: false,
      reason: `The link was answered with the status ${status}.`,
      retryable,
    });
  });

  it('a file that is too large is not read to its end, with a length or without', async () => {
    const declared = await serve(answer(200, {}, 'x'.repeat(3_000_000)));
    const endless = await serve((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const write = (): void => {
        if (socket.destroyed) return;
        socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`, () => setImmediate(write));
      };
      write();
    });

    const fetched = [
      await fetchFrom(declared, { maxBytes: 2_000_000 }),
      await fetchFrom(endless, { maxBytes: 2_000_000 }),
    ];

    for (const one of fetched)
      expect(one).toMatchObject({ ok: false, reason: 'The file is larger than 2 MB.' });
  });

  it('a server that never ends its answer is given up in time', async () => {
    const server = await serve((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nslow'));

    expect(await fetchFrom(server, { timeoutMs: 200 })).toEqual({
      ok: false,
      reason: 'The file could not be read within 0.2 s.',
      retryable: true,
    });
  });

  it('a server that breaks off fails', async () => {
    const server = await serve((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nbrok'),
    );

    expect(await fetchFrom(server)).toMatchObject({ ok: false, retryable: true });
  });
});
