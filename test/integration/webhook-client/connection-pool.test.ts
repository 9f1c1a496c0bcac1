import { afterEach, describe, expect, it } from 'vitest';
import { answer } from '../../support/raw-receiver.ts';
import {
  openWebhookClientFixture,
  postTo,
  resultOf,
} from '../../support/webhook-client-fixture.ts';

const service = openWebhookClientFixture();
afterEach(() => service.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the connection pool', () => {
  it('a connection is reused within a burst of requests and not afterwards', async () => {
    const receiver = await service.receive(answer(200));
    const client = service.createClient([receiver.port]);
    const post = postTo(`http://127.0.0.1:${receiver.port}/`);

    for (let i = 0; i < 10; i++) await client.post(post);
    const atOnce = receiver.connections();
    await pause(400);
    const atRest = receiver.openSockets();
    await client.post(post);

    expect([atOnce, atRest, receiver.connections()]).toEqual([1, 0, 2]);
  });

  it('a connection carries one request at a time', async () => {
    const receiver = await service.receive((socket, request, count) => {
      setTimeout(() => answer(200)(socket, request, count), 50);
    });
    const client = service.createClient([receiver.port]);
    const post = postTo(`http://127.0.0.1:${receiver.port}/`);

    const outcomes = await Promise.all(Array.from({ length: 8 }, () => client.post(post)));

    expect(outcomes.map(resultOf)).toEqual(Array.from({ length: 8 }, () => '200'));
    expect(receiver.connections()).toBe(8);
  });

  it('a new connection closed without a response fails the attempt after one request', async () => {
    const receiver = await service.receive((socket) => socket.destroy());
    const client = service.createClient([receiver.port]);

    const outcome = await client.post(postTo(`http://127.0.0.1:${receiver.port}/`));

    expect(resultOf(outcome)).toBe('reset');
    expect(receiver.requests).toHaveLength(1);
  });

  it.each([
    ['closed', 'connection: close\r\ncontent-length: 2\r\n\r\nok'],
    ['cut short', 'content-length: 20000\r\n\r\n'.padEnd(20_030, 'x')],
  ])('a connection whose response was %s is not reused', async (_, rest) => {
    const receiver = await service.receive((socket) => socket.write(`HTTP/1.1 200 OK\r\n${rest}`));
    const client = service.createClient([receiver.port]);
    const post = postTo(`http://127.0.0.1:${receiver.port}/`);

    const outcomes = [await client.post(post), await client.post(post)];

    expect(outcomes.map(resultOf)).toEqual(['200', '200']);
    expect(receiver.connections()).toBe(2);
  });

  it('an unsolicited response ends the connection and is never taken for another one', async () => {
    const receiver = await service.receive((socket, request, count) => {
      answer(200, {}, `to ${count}`)(socket, request, count);
      answer(200, {}, 'smuggled')(socket, request, count);
    });
    const client = service.createClient([receiver.port]);
    const post = postTo(`http://127.0.0.1:${receiver.port}/`);

    const bodies = [];
    for (let i = 0; i < 3; i++) {
      const outcome = await client.post(post);
      bodies.push('bodyExcerpt' in outcome ? outcome.bodyExcerpt : outcome.error);
    }

    expect(bodies).toEqual(['to 1', 'to 2', 'to 3']);
  });

  it('a slow receiver does not delay requests to another', async () => {
    const deaf = await service.receive(() => {});
    const good = await service.receive(answer(200));
    const client = service.createClient([deaf.port, good.port], { timeoutMs: 600_000 });

    const stuck = Array.from({ length: 100 }, () =>
      client.post(postTo(`http://127.0.0.1:${deaf.port}/`)),
    );
    const outcome = await client.post(postTo(`http://127.0.0.1:${good.port}/`));

    await client.close();

    expect(resultOf(outcome)).toBe('200');
    expect(new Set((await Promise.all(stuck)).map(resultOf))).toEqual(new Set(['reset']));
    await expect.poll(deaf.openSockets).toBe(0);
  });

  it('closing the client ends its connections and attempts', async () => {
    const receiver = await service.receive(() => {});
    const client = service.createClient([receiver.port]);

    const attempt = client.post(postTo(`http://127.0.0.1:${receiver.port}/`));
    await expect.poll(() => receiver.requests.length).toBe(1);
    await client.close();

    expect(await attempt).toMatchObject({ error: 'reset', message: 'The sender was stopped.' });
    await expect.poll(receiver.openSockets).toBe(0);
  });
});
