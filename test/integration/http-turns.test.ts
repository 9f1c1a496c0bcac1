import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService({ refines: false });
});
afterEach(() => service.close());

const post = (body: unknown, headers: { [name: string]: string } = {}) =>
  service.client('POST /v1/turns', { body, headers });

describe('a turn', () => {
  it('a turn is answered before it is refined, with the event to wait for', async () => {
    const { status, body } = await post(say('I like tea'));

    expect(status).toBe(202);
    expect(body).toEqual({
      event_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'PENDING',
      turn_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('a turn with async false is answered by its event', async () => {
    service.refine();

    const { status, body } = await post({ ...say('I like tea'), async: false });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'SUCCEEDED',
      stage: 'finished',
      event_type: 'ADD',
      user_id: 'alice',
      results: [{ event: 'ADD', memory: 'Learnt: I like tea', user_id: 'alice' }],
      tokens: { prompt: 3, completion: 2 },
      error: null,
    });
  });

  it('a turn with infer false is kept word for word, without a model, and answered by its event', async () => {
    service.refine();
    const waiting = { ...say('I like tea'), infer: false, async: true };

    const { status, body } = await post({ ...say('I like mate'), infer: false });
    const asynchronous = await post(waiting);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'SUCCEEDED',
      results: [{ event: 'ADD', memory: 'I like mate' }],
      tokens: { prompt: 0, completion: 0 },
    });
    expect(asynchronous).toMatchObject({ status: 202, body: { status: 'PENDING' } });
  });

  it('an infer that is no boolean is 400 and names the field', async () => {
    const { status, body } = await post({ ...say('I like tea'), infer: 'false' });

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', field: 'infer' });
  });

  it('a turn keeps attachments, joins text parts and drops empty messages', async () => {
    const content = [
      { type: 'text', text: 'Look at' },
      { type: 'text', text: 'my cat' },
      { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
      { type: 'pdf_url', pdf_url: 'https://example.com/cat.pdf' },
    ];
    const messages = [
      { role: 'user', content, name: 'Ann' },
      { role: 'assistant', content: null, tool_calls: [] },
      { role: 'assistant', content: 'Nice!' },
    ];

    const { body } = await post({ messages, user_id: 'alice', timestamp: 1_700_000_000 });
    const event = await service.client(`GET /v1/events/${body.event_id}`);

    expect(event.body.payload.messages).toEqual([
      {
        role: 'user',
        content: 'Look at\nmy cat',
        name: 'Ann',
        attachments: [
          { type: 'image', url: 'https://example.com/cat.png' },
          { type: 'pdf', url: 'https://example.com/cat.pdf' },
        ],
      },
      { role: 'assistant', content: 'Nice!' },
    ]);
  });

  it('a turn may have an earlier timestamp', async () => {
    await post({ ...say('I like tea'), timestamp: '2023-05-08T13:56:00Z' });

    const listed = await service.client('POST /v3/memories/', {
      body: { filters: { user_id: 'alice' } },
    });

    expect(listed.body.results[0]).toMatchObject({
      created_at: '2023-05-08T13:56:00.000Z',
      structured_attributes: { year: 2023, month: 5, day: 8, day_of_week: 'monday' },
    });
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-1' };

  it('a repeat with an Idempotency-Key is answered with the same event, marked, also when that is final', async () => {
    service.refine();
    const first = await post(say('I like tea'), key);
    await finalEvent(service.client, first.body.event_id);

    const again = await post(say('I like tea'), key);

    expect(again.status).toBe(202);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual({ ...first.body, replayed: true });
    expect(first.headers.get('idempotent-replayed')).toBeNull();
  });

  it('an Idempotency-Key used with another request is 409', async () => {
    await post(say('I like tea'), key);

    const { status, body } = await post(say('I like coffee'), key);

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'idempotency_key_reused', field: 'Idempotency-Key' });
  });

  it('equal requests with two Idempotency-Keys are two turns', async () => {
    const first = await post(say('yes'), { 'idempotency-key': 'a' });
    const second = await post(say('yes'), { 'idempotency-key': 'b' });

    expect(second.body.event_id).not.toBe(first.body.event_id);
  });

  it.each(['a b', 'ü', 'x'.repeat(256)])(
    'the invalid Idempotency-Key %s is answered with 400',
    async (value) => {
      const { status, body } = await post(say('x'), { 'idempotency-key': value });

      expect(status).toBe(400);
      expect(body.field).toBe('Idempotency-Key');
    },
  );

  it('an Idempotency-Key works on every route that adds', async () => {
    for (const path of ['/v3/memories/add/', '/v1/memories/']) {
      const headers = { 'idempotency-key': path };
      const call = { body: say('I like tea'), headers };
      await service.client(`POST ${path}`, call);

      const again = await service.client(`POST ${path}`, call);
      const other = await service.client(`POST ${path}`, { body: say('No'), headers });

      expect(again.headers.get('idempotent-replayed')).toBe('true');
      expect([again.body].flat()[0].replayed).toBe(true);
      expect(other.status).toBe(409);
    }
  });
});

describe('the same request without a key', () => {
  it('the same request without a key is one turn while it is pending, ten times at once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post(say('I like tea'))));

    expect(new Set(answers.map(({ body }) => body.event_id)).size).toBe(1);
    expect(answers.filter(({ body }) => body.replayed)).toHaveLength(9);
  });

  it('the same request without a key is a new turn once the first is final', async () => {
    service.refine();
    const first = await post(say('yes'));
    await finalEvent(service.client, first.body.event_id);

    const second = await post(say('yes'));

    expect(second.body.event_id).not.toBe(first.body.event_id);
  });

  it('the same request without a key is a new turn with dedupe false', async () => {
    const first = await post({ ...say('yes'), dedupe: false });
    const second = await post({ ...say('yes'), dedupe: false });

    expect(second.body.event_id).not.toBe(first.body.event_id);
  });

  it('a request that differs in anything is a new turn', async () => {
    const bodies = [
      say('yes'),
      say('yes', 'bob'),
      { ...say('yes'), run_id: 'r1' },
      { ...say('yes'), metadata: { a: 1 } },
      { ...say('yes'), timestamp: 1_700_000_000 },
    ];

    const events = await Promise.all(bodies.map(async (body) => (await post(body)).body.event_id));

    expect(new Set(events).size).toBe(bodies.length);
  });
});
