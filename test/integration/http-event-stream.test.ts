import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openService, say, type TestService } from '../support/in-memory-service.ts';
import { createManualClock } from '../support/manual-clock.ts';

interface Frame {
  id?: string;
  event?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the frame is data to examine
  data?: any;
  comment?: string;
}

const parseFrame = (text: string): Frame => {
  if (text.startsWith(':')) return { comment: text.slice(2) };
  const fields = text.split('\n').map((row): [string, string] => {
    const [name = '', ...rest] = row.split(': ');
    return [name, rest.join(': ')];
  });
  const { data, ...others } = Object.fromEntries(fields);
  return data === undefined ? others : { ...others, data: JSON.parse(data) };
};

let service: TestService;
let opened: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  service = await openService({ refines: false });
});
afterEach(async () => {
  await Promise.all(opened.map(({ close }) => close()));
  opened = [];
  await service.close();
});

/** Opens a stream and reads frames one by one; undefined at its end. */
const follow = async ({
  key,
  after,
  query = '',
}: {
  key?: string;
  after?: string | undefined;
  query?: string;
} = {}) => {
  const response = await service.app.request(`http://service.test/v1/events/stream${query}`, {
    headers: {
      authorization: `Token ${key ?? (await service.keyOf())}`,
      ...(after === undefined ? {} : { 'last-event-id': after }),
    },
  });
  const reader = (response.body ?? new ReadableStream()).getReader();
  const decoder = new TextDecoder();
  let text = '';
  const next = async (): Promise<Frame | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const frame = parseFrame(text.slice(0, end));
        text = text.slice(end + 2);
        return frame;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += decoder.decode(value, { stream: true });
    }
  };
  const stream = {
    response,
    next,
    /** Frames up to the one that fulfils the condition. */
    async until(isLast: (frame: Frame) => boolean): Promise<Frame[]> {
      const frames: Frame[] = [];
      for (;;) {
        const frame = await next();
        if (!frame) throw new Error(`The stream ended after ${JSON.stringify(frames)}.`);
        frames.push(frame);
        if (isLast(frame)) return frames;
      }
    },
    close: () => reader.cancel(),
  };
  if (response.status === 200) opened.push(stream);
  return stream;
};

const isReset = ({ event }: Frame): boolean => event === 'reset';
const isOver = ({ data }: Frame): boolean => data?.status === 'SUCCEEDED';

const add = async (content: string, client = service.client): Promise<string> =>
  (await client('POST /v1/turns', { body: say(content) })).body.event_id;

describe('the stream of events', () => {
  it('an event is shown at each stage, without its words', async () => {
    const stream = await follow();
    await stream.until(isReset);
    const id = await add('I like tea');
    service.refine();

    const frames = await stream.until(isOver);

    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(frames.map(({ event }) => event)).toEqual(frames.map(() => 'stage'));
    expect(frames.map(({ data }) => [data.id, data.event_type, data.user_id])).toEqual(
      frames.map(() => [id, 'ADD', 'alice']),
    );
    expect(frames[0]?.data).toMatchObject({ status: 'PENDING', stage: 'queued', latency: null });
    expect(frames.map(({ data }) => data.status)).toContain('RUNNING');
    expect(frames.at(-1)?.data).toMatchObject({
      stage: 'finished',
      attempts: 1,
      error: null,
      latency: expect.any(Number),
    });
    expect(JSON.stringify(frames)).not.toContain('tea');
  });

  it('a new stream begins with a reset, since the client may have missed anything', async () => {
    await add('I like tea');

    const [hint, reset] = await (await follow()).until(isReset);

    expect(hint).toEqual({ retry: '2000' });
    expect(reset).toEqual({ id: expect.any(String), event: 'reset', data: {} });
  });

  it('a client that connects again with the last id gets what it missed, once', async () => {
    const first = await follow();
    await first.until(isReset);
    const one = await add('one');
    const [frame] = await first.until(({ event }) => event === 'stage');
    await first.close();
    const two = await add('two');
    const three = await add('three');

    const second = await follow({ after: frame?.id });
    const frames = await second.until(({ data }) => data?.id === three);

    expect(frame?.data.id).toBe(one);
    expect(frames.flatMap(({ data }) => data?.id ?? [])).toEqual([two, three]);
    expect(frames.some(isReset)).toBe(false);
  });

  it.each(['unknown', '1.2', '00000000-0000-7000-8000-000000000000.1'])(
    'a last id that is not of this process (%s) is answered with a reset',
    async (after) => {
      const stream = await follow({ after });

      expect((await stream.until(isReset)).at(-1)?.event).toBe('reset');
    },
  );

  it('a client that reads slowly past what is kept is sent a reset, and goes on', async () => {
    const stream = await follow();
    await stream.until(isReset);
    const writes = Array.from({ length: 2_101 }, (_, at) => add(`turn ${at}`));
    await Promise.all(writes);

    const frames = await stream.until(isReset);
    const last = await add('the last one');
    const further = await stream.until(({ data }) => data?.id === last);

    expect(frames.length).toBeLessThan(1_100);
    expect(further).toHaveLength(1);
  });

  it('events of another project are not shown', async () => {
    const other = await service.clientOf('other');
    const stream = await follow();
    await stream.until(isReset);
    await add('secret', other);
    const own = await add('own');

    const [frame] = await stream.until(({ event }) => event === 'stage');

    expect(frame?.data.id).toBe(own);
  });

  it('an event of a user who was erased meanwhile is not sent again', async () => {
    const first = await follow();
    const [reset] = (await first.until(isReset)).slice(-1);
    await add('I like tea');
    await first.until(({ event }) => event === 'stage');
    await first.close();
    service.refine();
    const { body } = await service.client('DELETE /v1/memories?user_id=alice');
    await service.client(`GET /v1/events/${body.event_id}?wait=10`);

    const second = await follow({ after: reset?.id });
    const frames = await second.until(
      ({ data }) => data?.event_type === 'DELETE_ALL' && data.status === 'SUCCEEDED',
    );
    const adds = frames.filter(({ data }) => data?.event_type === 'ADD');

    for (const { data } of adds) expect(Object.keys(data)).not.toContain('payload');
    expect(JSON.stringify(frames)).not.toContain('tea');
  });
});

describe('the life of a stream', () => {
  it('a stream that was asked for some seconds ends after them', async () => {
    const stream = await follow({ query: '?seconds=0' });

    await stream.until(isReset);

    expect(await stream.next()).toBeUndefined();
  });

  it('a stream ends when its key is revoked, and sends nothing more', async () => {
    const admin = await service.clientOf('default', ['admin']);
    const { body: created } = await admin('POST /v1/keys', { body: { permissions: ['admin'] } });
    const { body: reading } = await (await service.clientOf('default', ['read', 'admin']))(
      'POST /v1/keys',
      { body: { permissions: ['read'] } },
    );
    const stream = await follow({ key: reading.key });
    await stream.until(isReset);
    const end = stream.next();

    await admin(`DELETE /v1/keys/${reading.id}`);

    expect(await end).toBeUndefined();
    expect(created.key).toEqual(expect.any(String));
  });

  it('a key that may not read is refused', async () => {
    const key = await service.keyOf('default', ['write', 'admin']);

    expect((await follow({ key })).response.status).toBe(403);
  });

  it('a key has ten streams at most; one that is closed makes room', async () => {
    const key = await service.keyOf();
    const streams = [];
    for (let count = 0; count < 10; count++) streams.push(await follow({ key }));

    const refused = await follow({ key });
    await streams[0]?.close();
    const accepted = await follow({ key });

    expect(refused.response.status).toBe(429);
    expect(refused.response.headers.get('retry-after')).toBe('5');
    expect(accepted.response.status).toBe(200);
  });

  it('a request with HEAD takes no stream', async () => {
    const authorization = `Token ${await service.keyOf()}`;
    const statuses = [];
    for (let count = 0; count < 12; count++) {
      const init = { method: 'HEAD', headers: { authorization } };
      statuses.push((await service.app.request('/v1/events/stream', init)).status);
    }

    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it.each(['-1', 'x', '86401'])('a stream of %s seconds is refused', async (seconds) => {
    const { status, body } = await service.client(`GET /v1/events/stream?seconds=${seconds}`);

    expect([status, body.field]).toEqual([400, 'seconds']);
  });
});

describe('a stream of another process', () => {
  it('a quiet stream shows every 15 seconds that it is open, and ends with the process', async () => {
    await service.close();
    const clock = createManualClock();
    const closing = new AbortController();
    service = await openService({
      clock,
      refines: false,
      access: () => ({ closing: closing.signal }),
    });
    const stream = await follow();
    await stream.until(isReset);

    const beat = stream.next();
    await clock.advance(15_000);
    const end = beat.then(() => stream.next());
    expect(await beat).toEqual({ comment: 'heartbeat' });
    closing.abort();

    expect(await end).toBeUndefined();
  });

  it('a service that answers as a whole refuses the stream in one sentence', async () => {
    await service.close();
    service = await openService({ refines: false, access: () => ({ streams: false }) });

    const { status, body } = await service.client('GET /v1/events/stream');

    expect([status, body.code]).toEqual([501, 'not_supported']);
    expect(body.detail).toMatch(/^This service has no stream of events: ask for GET \/v1\/events /);
  });
});
