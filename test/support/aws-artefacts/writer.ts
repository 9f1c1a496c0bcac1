import { randomUUID } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Deployment } from './deployment.ts';
import { region } from './template.ts';

/** A turn that the service has acknowledged, and so must not lose. */
export interface Acknowledged {
  user: string;
  text: string;
  event: string;
}

const Added = z.object({ event_id: z.string() });

const Event = z.looseObject({
  status: z.string(),
  completed_at: z.string().nullish(),
  error: z.unknown().optional(),
});

const Listed = z.object({ results: z.array(z.object({ memory: z.string() })) });

const isFinal = (status: string): boolean => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(status);

/**
 * Creates clients that repeat a request under its idempotency key until it is acknowledged, and then check the result.
 */
export const createWriter = ({ url, apiKey, queueUrls, proxy }: Deployment) => {
  const call = async (request: string, body?: object, headers = {}): Promise<Response> => {
    const [method = '', path = ''] = request.split(' ');
    return fetch(url + path, {
      method,
      headers: {
        authorization: `Token ${apiKey}`,
        'content-type': 'application/json',
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  };

  const untilTaken = async (request: string, body?: object): Promise<unknown> => {
    const headers = body ? { 'idempotency-key': randomUUID() } : {};
    for (let tries = 0; tries < 50; tries += 1) {
      const response = await call(request, body, headers);
      if (response.ok) return response.json();
      if (response.status < 429) throw new Error(`${response.status}: ${await response.text()}`);
      await after(100);
    }
    throw new Error(`${request} was refused fifty times`);
  };

  /** Adds turns sequentially, each after the acknowledgement of the previous one. */
  const say = async (user: string, texts: readonly string[]): Promise<Acknowledged[]> => {
    const turns: Acknowledged[] = [];
    for (const text of texts) {
      const body = { messages: [{ role: 'user', content: text }], user_id: user };
      const { event_id: event } = Added.parse(await untilTaken('POST /v1/turns', body));
      turns.push({ user, text, event });
    }
    return turns;
  };

  const event = async (id: string) => Event.parse(await untilTaken(`GET /v1/events/${id}`));

  const memoriesOf = async (user: string): Promise<string[]> => {
    const body = { filters: { user_id: user }, page_size: 100 };
    const { results } = Listed.parse(await untilTaken('POST /v3/memories', body));
    return results.map(({ memory }) => memory);
  };

  const final = async ({ event: id }: Acknowledged, until: number) => {
    for (;;) {
      const found = await event(id);
      if (isFinal(found.status) || Date.now() > until) return found;
      await after(300);
    }
  };

  const complaintsAbout = async (turns: readonly Acknowledged[], until: number) => {
    const ends = [];
    for (const turn of turns) ends.push({ turn, ...(await final(turn, until)) });
    const times = ends.map(({ completed_at: end }) => end ?? '');
    const memories = await memoriesOf(turns[0]?.user ?? '');
    const timesKnown = (text: string) => memories.filter((memory) => memory === text).length;
    return [
      ...ends.flatMap(({ turn, status, error }) =>
        status === 'SUCCEEDED' ? [] : [`"${turn.text}" is ${status}: ${JSON.stringify(error)}`],
      ),
      ...(times.join() === times.toSorted().join() ? [] : [`out of order: ${times.join()}`]),
      ...turns.flatMap(({ text }) =>
        timesKnown(text) === 1 ? [] : [`"${text}" is remembered ${timesKnown(text)} times`],
      ),
    ];
  };

  return {
    say,
    event,
    /** Returns the texts found for a user. */
    async search(user: string, query: string): Promise<string[]> {
      const body = { query, filters: { user_id: user } };
      const { results } = Listed.parse(await untilTaken('POST /v3/memories/search', body));
      return results.map(({ memory }) => memory);
    },
    /** Adds turns to several scopes, concurrently per scope. */
    async add({
      scopes,
      turns,
      user,
    }: {
      scopes: number;
      turns: number;
      user?: string;
    }): Promise<Acknowledged[][]> {
      return Promise.all(
        Array.from({ length: scopes }, () => {
          const name = user ?? `user-${randomUUID()}`;
          return say(
            name,
            Array.from({ length: turns }, (_, i) => `Fact ${i} is ${randomUUID()}.`),
          );
        }),
      );
    },
    /** Waits until all turns have ended and returns the problems per scope; empty if every turn has its result. */
    async complaints(scopes: readonly Acknowledged[][], maxWaitMs = 100_000): Promise<string[]> {
      const until = Date.now() + maxWaitMs;
      return (await Promise.all(scopes.map((turns) => complaintsAbout(turns, until)))).flat();
    },
    /** Sends a message to the queue whose name starts with `queue`. */
    async enqueue(queue: string, body: string): Promise<void> {
      const client = new SQSClient({
        endpoint: proxy.url,
        region,
        credentials: { accessKeyId: 'test.source', secretAccessKey: 'test' },
      });
      const QueueUrl = queueUrls().find((one) => one.split('/').at(-1)?.startsWith(queue));
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
      client.destroy();
    },
  };
};
export type Writer = ReturnType<typeof createWriter>;
