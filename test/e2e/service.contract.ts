import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { pdfOf } from '../support/documents.ts';
import { documentFile } from '../support/openapi/document.ts';
import { readSource } from '../support/repository.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';
import { describeFrameworks } from './frameworks.contract.ts';
import { describeMcp } from './mcp.contract.ts';
import { describeMem0Client } from './mem0-client.contract.ts';
import { describeMemos } from './memos.contract.ts';
import { describeMemv } from './memv.contract.ts';
import { describePublishedClients } from './published-clients.contract.ts';
import { describeWebhooks } from './webhooks.contract.ts';

/** Service as users see it: over HTTP, with a key. */
export interface ServiceUnderTest {
  url: string;
  apiKey: string;
  stop(): Promise<void>;
}

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the response is data to examine
  body: any;
}

const Added = z.object({ event_id: z.string(), turn_id: z.string() });

const say = (content: string, user: string) => ({
  messages: [{ role: 'user', content }],
  user_id: user,
});

/**
 * Contract of every platform, over HTTP.
 * @param start starts an empty service whose webhooks may reach `allow` (an address and port)
 */
export const describeService = (
  name: string,
  start: (allow: string) => Promise<ServiceUnderTest>,
): void => {
  describe(name, () => {
    let service: ServiceUnderTest;
    let receiver: Receiver;

    beforeAll(async () => {
      receiver = await startReceiver();
      service = await start(receiver.pair);
    }, 180_000);

    afterAll(async () => {
      await service?.stop();
      await receiver.close();
    }, 30_000);

    const call = async (
      request: string,
      body?: unknown,
      headers: { [name: string]: string } = {},
    ): Promise<Answer> => {
      const [method = '', path = ''] = request.split(' ');
      const response = await fetch(service.url + path, {
        method,
        headers: {
          authorization: `Token ${service.apiKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : JSON.parse(text),
      };
    };

    const add = async (content: string, user: string) =>
      Added.parse((await call('POST /v1/turns', say(content, user))).body);
    const final = async (event: string) => (await call(`GET /v1/events/${event}?wait=25`)).body;
    const search = async (query: string, user: string) =>
      (await call('POST /v3/memories/search', { query, filters: { user_id: user } })).body.results;
    const list = async (user: string) =>
      (await call('POST /v3/memories', { filters: { user_id: user } })).body.results;

    it('the health route needs no key and says only that the service is well', async () => {
      const health = await fetch(`${service.url}/v1/health`);
      const refused = await fetch(`${service.url}/v1/events`);

      expect([health.status, refused.status]).toEqual([200, 401]);
    });

    it('a turn is found at once, and its memory once it is refined', async () => {
      const added = await call('POST /v1/turns', say('I live in Lisbon.', 'ada'));
      const rough = await search('Lisbon', 'ada');
      const event = await final(added.body.event_id);
      const refined = await search('Lisbon', 'ada');

      expect(added).toMatchObject({ status: 202, body: { status: 'PENDING' } });
      expect(rough).toMatchObject([{ id: added.body.turn_id }]);
      expect(event).toMatchObject({ status: 'SUCCEEDED', results: [{ event: 'ADD' }] });
      expect(refined).toMatchObject([{ id: event.results[0].id }]);
    });

    it('a request waits for the final event if asked to', async () => {
      const turn = { ...say('My sister is called Ines.', 'bob'), async: false };

      const { status, body } = await call('POST /v1/turns', turn);

      expect({ status, body }).toMatchObject({ status: 200, body: { status: 'SUCCEEDED' } });
    });

    it('turns that arrive all at once are refined once each', async () => {
      const texts = Array.from(
        { length: 8 },
        (_, i) => `I adopted a dog called Rex${i} from a shelter in town ${i * 7}.`,
      );

      const added = await Promise.all(texts.map((text) => add(text, 'cora')));
      const events = await Promise.all(added.map(({ event_id: id }) => final(id)));
      const memories: { memory: string }[] = await list('cora');

      expect(events.map(({ status }) => status)).toEqual(texts.map(() => 'SUCCEEDED'));
      for (let i = 0; i < texts.length; i += 1)
        expect(memories.filter(({ memory }) => memory.includes(`Rex${i} `))).toHaveLength(1);
    });

    it('a request repeated with its idempotency key is accepted once', async () => {
      const headers = { 'idempotency-key': 'once' };
      const request = say('I like fog.', 'dora');

      const [one, other] = await Promise.all(
        [1, 2].map(() => call('POST /v1/turns', request, headers)),
      );
      const conflict = await call('POST /v1/turns', say('I like hail.', 'dora'), headers);

      expect(one?.body.event_id).toBe(other?.body.event_id);
      expect(conflict.status).toBe(409);
    });

    it('a change is visible at once, keeps its history, and a delete is final', async () => {
      const { event_id: event } = await add('I like tea.', 'emil');
      const [{ id }] = (await final(event)).results;

      const changed = await call(`PUT /v1/memories/${id}`, { text: 'I like mate.' });
      const found = await search('mate', 'emil');
      const history = await call(`GET /v1/memories/${id}/history`);
      const deleted = await call(`DELETE /v1/memories/${id}`);
      const gone = await call(`GET /v1/memories/${id}`);

      expect([changed.status, deleted.status, gone.status]).toEqual([200, 200, 404]);
      expect(found).toMatchObject([{ id, memory: 'I like mate.' }]);
      expect(history.body.map(({ event }: { event: string }) => event)).toEqual([
        'ADD',
        'UPDATE',
        'UPDATE',
      ]);
      expect(await list('emil')).toEqual([]);
    });

    it('events are listed newest first', async () => {
      const first = await add('I like rain.', 'jon');
      const second = await add('I like snow.', 'jon');
      await Promise.all([first, second].map(({ event_id: id }) => final(id)));

      await expect
        .poll(
          async () => {
            const { body } = await call('GET /v1/events');
            return body.results.slice(0, 2).map(({ id }: { id: string }) => id);
          },
          { timeout: 20_000 },
        )
        .toEqual([second.event_id, first.event_id]);
    });

    it('a document is remembered, and removed with its memory', async () => {
      const file = Buffer.from(pdfOf(['I live in Porto.'])).toString('base64');
      const content = { type: 'pdf_url', pdf_url: { url: `data:application/pdf;base64,${file}` } };
      const messages = [{ role: 'user', content }];

      const added = await call('POST /v1/turns', { messages, user_id: 'ines' });
      const event = await final(Added.parse(added.body).event_id);
      const memories = await list('ines');
      for (const { id } of memories) await call(`DELETE /v1/memories/${id}`);

      expect(event).toMatchObject({
        status: 'SUCCEEDED',
        attachments: [{ part: 0, type: 'pdf', status: 'read' }],
      });
      expect(JSON.stringify(memories)).toContain('Porto');
      expect(await list('ines')).toEqual([]);
    });

    it('a delete-all deletes the memories of one user and of no other', async () => {
      const both = await Promise.all([add('I fear dogs.', 'fay'), add('I fear cats.', 'gil')]);
      await Promise.all(both.map(({ event_id: id }) => final(id)));

      const answer = await call('DELETE /v1/memories?user_id=fay');
      const job = await final(answer.body.event_id);

      expect(job).toMatchObject({ status: 'SUCCEEDED' });
      expect(await list('fay')).toEqual([]);
      expect(await list('gil')).toHaveLength(1);
    });

    it('ids and texts of every kind are stored as they are', async () => {
      const user = 'näme/with?odd&signs%25 ✓';
      const text = 'Grüße aus 東京 🗼 “quoted”.';

      const added = await add(text, user);
      const rough = await search('東京', user);
      const path = `/v1/memories?user_id=${encodeURIComponent(user)}`;
      const deleted = await call(`DELETE ${path}`);

      expect(rough).toMatchObject([{ id: added.turn_id, memory: expect.stringContaining(text) }]);
      expect(deleted.status).toBe(200);
    });

    it('a body sent as bytes is read', async () => {
      const body = JSON.stringify(say('I own a kite.', 'hal'));

      const answer = await call('POST /v1/turns', body, {
        'content-type': 'application/octet-stream',
      });

      expect(answer.status).toBe(202);
    });

    it('the OpenAPI document is the same everywhere, needs no key, and may be kept by its tag', async () => {
      const first = await fetch(`${service.url}/openapi.json`);
      const etag = first.headers.get('etag') ?? '';
      const again = await fetch(`${service.url}/openapi.json`, {
        headers: { 'if-none-match': etag },
      });

      expect(await first.json()).toEqual(JSON.parse(readSource(documentFile)));
      expect(first.headers.get('content-type')).toBe('application/json');
      expect([first.status, again.status]).toEqual([200, 304]);
    });

    it('an invalid request is answered with one sentence', async () => {
      const wrong = await call('POST /v1/turns', '{"messages": ');
      const nowhere = await call('GET /v1/nowhere');
      const large = await call('POST /v1/turns', say('x'.repeat(400_000), 'ivo'));

      expect([wrong.status, nowhere.status, large.status]).toEqual([400, 404, 413]);
    });

    describeMem0Client(() => ({ ...service, receiver }));
    describeMemos(() => service);
    describeMemv(() => ({ ...service, receiver }));
    describeMcp(() => service);
    describeWebhooks(() => ({ ...service, receiver }));
    describePublishedClients(() => ({ ...service, receiver }));
    describeFrameworks(() => service);
  });
};
