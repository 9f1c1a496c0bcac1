import type { Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../functions/library/client.ts';
import type { ClientOptions } from '../../../functions/library/memory-interface.ts';
import { listen } from '../../../functions/local/listen.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';

let service: TestService;
let server: Server;
let url: string;
let apiKey: string;

beforeEach(async () => {
  service = await openService({ refines: false });
  ({ server, url } = await listen(service.app, '127.0.0.1', 0));
  apiKey = await service.keyOf();
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await service.close();
});

type Fetch = typeof fetch;
type Step = (real: () => ReturnType<Fetch>) => ReturnType<Fetch>;

const lostRequest: Step = () => Promise.reject(new TypeError('fetch failed'));
const lostAnswer: Step = async (real) => {
  await real();
  throw new TypeError('fetch failed');
};
const answered =
  (status: number, headers: { [name: string]: string } = {}): Step =>
  async () =>
    new Response('busy', { status, headers });

/** Creates a client whose first requests go wrong in these ways; `sent` counts all requests. */
const faultyClient = (steps: Step[], options: Partial<ClientOptions> = {}) => {
  const counts = { sent: 0 };
  const faulty: Fetch = (input, init) => {
    const step = steps[counts.sent];
    counts.sent += 1;
    const real = () => fetch(input, init);
    return step ? step(real) : real();
  };
  return { counts, client: createClient({ url, apiKey, fetch: faulty, ...options }) };
};

const eventsOf = async (): Promise<number> => (await service.client('GET /v1/events')).body.count;

describe('the client', () => {
  it('an add over HTTP resolves with its memories, which are found, changed and deleted', async () => {
    service.refine();
    const client = createClient({ url: `${url}/`, apiKey });

    const { results } = await client.add('I live in Oslo.', { userId: 'ana' });
    const id = results[0]?.id ?? '';
    const found = await client.search('Oslo', { userId: 'ana' });
    const listed = await client.getAll({ userId: 'ana' });
    const updated = await client.update(id, 'I live in Bergen.');
    const history = await client.history(id);
    await client.delete(id);

    expect(found.results[0]).toMatchObject({ id, userId: 'ana', score: expect.any(Number) });
    expect(listed).toMatchObject({ count: 1, results: [{ id }] });
    expect(updated.memory).toBe('I live in Bergen.');
    expect(history.length).toBeGreaterThan(1);
    await expect(client.get(id)).rejects.toMatchObject({ status: 404, memoryId: id });
  });

  it('an add that is not refined in time rejects as pending and goes on', async () => {
    const client = createClient({ url, apiKey });

    const error = await client
      .add('I live in Oslo.', { userId: 'ana', timeoutMs: 50 })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: 'PendingError',
      code: 'pending',
      eventId: expect.any(String),
      scope: { userId: 'ana' },
    });

    service.refine();
    const { eventId } = error as { eventId: string };
    await expect(client.waitForEvent(eventId)).resolves.toMatchObject({ status: 'SUCCEEDED' });
  });

  it('an add whose event is cancelled rejects with the event', async () => {
    const client = createClient({ url, apiKey });
    const { eventId } = await client.add('I live in Oslo.', { userId: 'ana', wait: false });
    const key = { userId: 'ben', idempotencyKey: 'k1' };
    const waiting = client.add('I live in Oslo.', key);
    const second = await client.add('I live in Oslo.', { ...key, wait: false });

    await service.client(`POST /v1/events/${second.eventId}/cancel`);

    await expect(waiting).rejects.toMatchObject({
      name: 'RefinementError',
      code: 'cancelled',
      eventId: second.eventId,
    });
    expect(second.eventId).not.toBe(eventId);
  });

  it.each([
    ['a lost request', lostRequest],
    ['a lost answer', lostAnswer],
    ['a bad gateway', answered(502)],
    ['a rate limit', answered(429, { 'retry-after': '0' })],
    ['an unavailable service', answered(503, { 'retry-after': new Date(0).toUTCString() })],
  ])('an add is one turn in spite of %s', async (_, fault) => {
    const { client, counts } = faultyClient([fault, fault]);

    const added = await client.add('I live in Oslo.', { userId: 'ana', wait: false });

    expect(added.status).toBe('PENDING');
    expect([counts.sent, await eventsOf()]).toEqual([3, 1]);
  });

  it('a deletion whose answer was lost has succeeded', async () => {
    service.refine();
    const client = createClient({ url, apiKey });
    const { results } = await client.add('Oslo.', { userId: 'ana' });
    const id = results[0]?.id ?? '';

    const deletion = faultyClient([lostAnswer]).client.delete(id);

    await expect(deletion).resolves.toEqual({ message: expect.any(String) });
    await expect(client.delete(id)).rejects.toMatchObject({ code: 'memory_not_found' });
  });

  it.each([
    ['connection', 'ConnectionError', lostRequest],
    ['http_503', 'ConnectionError', answered(503)],
    ['http_429', 'RateLimitError', answered(429, { 'retry-after': '0' })],
  ])('%s is the code once the repeats are used up', async (code, name, fault) => {
    const { client, counts } = faultyClient([fault, fault, fault], { retries: 1 });

    await expect(client.getAll({ userId: 'ana' })).rejects.toMatchObject({ code, name });
    expect(counts.sent).toBe(2);
  });

  it('an answer that is not from a service is an error', async () => {
    const { client } = faultyClient([answered(200)]);

    await expect(client.getAll({ userId: 'ana' })).rejects.toMatchObject({
      code: 'invalid_answer',
      name: 'ConnectionError',
    });
  });

  it('a pause longer than half a minute is left to the caller', async () => {
    const { client, counts } = faultyClient([answered(429, { 'retry-after': '31' })]);

    await expect(client.getAll({ userId: 'ana' })).rejects.toMatchObject({ retryAfterMs: 31_000 });
    expect(counts.sent).toBe(1);
  });

  it('a service that does not answer in time is a timeout', async () => {
    const silent: Fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    const client = createClient({ url, apiKey, fetch: silent, requestTimeoutMs: 20, retries: 0 });

    await expect(client.get('x')).rejects.toMatchObject({ code: 'timeout', operation: 'get' });
  });

  it('an abort rejects with the reason of the signal, also during a pause', async () => {
    const { client } = faultyClient([answered(503, { 'retry-after': '20' })]);
    const abort = new AbortController();
    const reason = new Error('no longer needed');

    const waiting = client.getAll({ userId: 'ana', signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);

    await expect(waiting).rejects.toBe(reason);
  });

  it('a closed client ends its calls and refuses further ones', async () => {
    const client = createClient({ url, apiKey });
    const waiting = client.add('I live in Oslo.', { userId: 'ana' });
    const ended = expect(waiting).rejects.toMatchObject({ code: 'closed' });

    await client.close();

    await ended;
    await expect(client.getAll({ userId: 'ana' })).rejects.toMatchObject({ code: 'closed' });
  });

  it('a wrong key is an authentication error', async () => {
    const client = createClient({ url, apiKey: 'ts_wrong' });

    await expect(client.getAll({ userId: 'ana' })).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'unauthorized',
    });
  });

  it.each([
    ['url', { url: 'nowhere' }],
    ['url', { url: 'file:///tmp' }],
    ['apiKey', { apiKey: '' }],
    ['retries', { retries: -1 }],
    ['requestTimeoutMs', { requestTimeoutMs: Number.NaN }],
  ])('a wrong %s is refused with its name', (field, wrong) => {
    expect(() => createClient({ url, apiKey, ...wrong })).toThrow(
      expect.objectContaining({ code: 'bad_setting', field }),
    );
  });
});
