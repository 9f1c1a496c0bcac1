import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/http-client.ts';
import { finalEvent, say } from '../support/in-memory-service.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

const key = 'a-key-of-the-test-0123456789';

const start = async () => {
  const folder = temporaryFolder();
  const [collector, model, receiver] = await Promise.all([
    startOtlpReceiver(),
    startOpenAiServer(),
    startReceiver(),
  ]);
  const service = await startService({
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: key,
    TURNSTONE_LOG: 'silent',
    TURNSTONE_WEBHOOK_ALLOW: receiver.pair,
    OPENAI_BASE_URL: model.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_METRICS_EXPORTER: 'none',
  });
  return {
    collector,
    model,
    receiver,
    service,
    client: httpClient(service.url, key),
    async close() {
      service.child.kill('SIGKILL');
      await service.ended;
      await Promise.all([collector.close(), model.close(), receiver.close()]);
      folder.remove();
    },
  };
};

let running: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  running = await start();
});
afterAll(() => running.close());

const newTrace = (): { trace: string; parent: string; traceparent: string } => {
  const trace = crypto.randomUUID().replaceAll('-', '');
  const parent = trace.slice(0, 16);
  return { trace, parent, traceparent: `00-${trace}-${parent}-01` };
};

/** Waits for a span of a trace. */
const spanOf = (trace: string, name: string | RegExp): Promise<ReceivedSpan> =>
  running.collector.arrives(
    (span) => span.trace === trace && (span.name === name || new RegExp(name).test(span.name)),
  );

describe('traces', () => {
  it('one trace leads from the request of the caller over the queue and the model to the webhook', async () => {
    const { client, receiver, model } = running;
    await client('POST /v1/endpoints', {
      body: { url: receiver.url, event_types: ['event.succeeded'] },
    });
    const { trace, parent, traceparent } = newTrace();

    const { body } = await client('POST /v1/turns', {
      body: say('I live in Lisbon.'),
      headers: { traceparent },
    });
    await finalEvent(client, body.event_id);
    const [posted] = await receiver.arrive(1, 'event.succeeded');
    const request = await spanOf(trace, 'POST /v1/turns');
    const upsert = await spanOf(trace, 'upsert_memory');
    const refine = await spanOf(trace, '^refine$');
    const chat = await spanOf(trace, '^chat ');
    const webhook = await spanOf(trace, 'POST webhook');

    expect(request).toMatchObject({
      kind: 'server',
      parent,
      service: 'turnstone',
      attributes: { 'http.route': '/v1/turns', 'http.response.status_code': 202 },
    });
    expect(upsert).toMatchObject({
      parent: request.id,
      attributes: {
        'gen_ai.operation.name': 'upsert_memory',
        'gen_ai.memory.store.id': expect.any(String),
        'turnstone.event.id': body.event_id,
      },
    });
    expect(refine).toMatchObject({ kind: 'consumer', parent: upsert.id });
    expect(chat).toMatchObject({
      kind: 'client',
      parent: refine.id,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.usage.input_tokens': expect.any(Number),
      },
    });
    expect(webhook).toMatchObject({
      kind: 'client',
      parent: refine.id,
      attributes: { 'http.response.status_code': 200 },
    });
    expect(posted?.headers['traceparent']).toBe(`00-${trace}-${webhook.id}-01`);
    expect(model.requests.map(({ traceparent: sent }) => sent)).toContain(
      `00-${trace}-${chat.id}-01`,
    );
  });

  it('searches, updates and deletions are operations on memories, with counts and ids', async () => {
    const { client } = running;
    const added = await client('POST /v1/turns', { body: say('I like tea.', 'ben') });
    const { results } = await finalEvent(client, added.body.event_id);
    const memory: string = results[0].id;
    const traces = [newTrace(), newTrace(), newTrace(), newTrace()];
    const [search, update, remove, removeAll] = traces.map(({ traceparent }) => ({ traceparent }));

    await client('POST /v3/memories/search/', {
      body: { query: 'what does he drink?', filters: { user_id: 'ben' } },
      ...(search && { headers: search }),
    });
    await client(`PUT /v1/memories/${memory}`, {
      body: { text: 'Ben likes coffee.' },
      ...(update && { headers: update }),
    });
    await client(`DELETE /v1/memories/${memory}`, remove ? { headers: remove } : {});
    await client('DELETE /v1/memories/?user_id=ben', removeAll ? { headers: removeAll } : {});
    const names = ['search_memory', 'update_memory', 'delete_memory', 'delete_memory'];
    const spans = await Promise.all(
      traces.map(({ trace }, index) => spanOf(trace, names[index] ?? '')),
    );

    expect(spans.map(({ attributes }) => attributes['gen_ai.operation.name'])).toEqual(names);
    expect(spans[0]?.attributes['gen_ai.memory.record.count']).toEqual(expect.any(Number));
    expect(spans.map(({ attributes }) => attributes['gen_ai.memory.record.id'])).toEqual([
      undefined,
      memory,
      memory,
      undefined,
    ]);
  });

  it('a turn that waited for others is linked with their trace', async () => {
    const { client } = running;
    const [one, two] = [newTrace(), newTrace()];
    const onHold = { auto_process: false };
    const body = (text: string) => ({ ...say(text, 'cleo'), ...onHold });

    await client('POST /v1/turns', {
      body: body('I play the cello.'),
      headers: { traceparent: one.traceparent },
    });
    await client('POST /v1/turns', {
      body: body('I play the oboe.'),
      headers: { traceparent: two.traceparent },
    });
    await client('POST /v1/users/cleo/flush', { body: { timeout: 20 } });
    const refine = await spanOf(one.trace, '^refine$');

    expect(refine.links).toEqual([two.trace]);
  });

  it('a request that fails is a span that failed, with its status alone', async () => {
    const { client } = running;
    const { trace, traceparent } = newTrace();

    await client('GET /v1/memories/no-id', { headers: { traceparent } });
    const span = await spanOf(trace, 'GET /v1/memories/:id');

    // By the conventions a 4xx is no failure of the server.
    expect(span).toMatchObject({
      isFailed: false,
      attributes: { 'http.response.status_code': 400 },
    });
  });

  it.each(['garbage', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])(
    'a request with the traceparent %s begins a trace of its own',
    async (traceparent) => {
      const { client, collector } = running;
      const before = collector.spans.length;

      const { status } = await client('GET /v1/ping', { headers: { traceparent } });
      const span = await collector.arrives(
        (one) => one.name === 'GET /v1/ping' && collector.spans.indexOf(one) >= before,
      );

      expect([status, span.parent || undefined]).toEqual([200, undefined]);
    },
  );

  it.each([
    ['without a key', undefined],
    ['with a key that is wrong', 'Token ts_wrong_0123456789'],
  ])(
    'a request %s neither joins the trace of its traceparent nor decides what is sampled',
    async (_, authorization) => {
      const { client, collector, service } = running;
      const joined = newTrace();
      const unsampled = newTrace();
      const before = collector.spans.length;
      const ask = (traceparent: string) =>
        fetch(`${service.url}/v1/events`, {
          headers: { traceparent, ...(authorization && { authorization }) },
        });

      const answers = [
        await ask(joined.traceparent),
        await ask(`00-${unsampled.trace}-${unsampled.parent}-00`),
      ];
      const later = newTrace();
      await client('GET /v1/ping', { headers: { traceparent: later.traceparent } });
      await spanOf(later.trace, 'GET /v1/ping');
      const refused = collector.spans
        .slice(before)
        .filter(({ attributes }) => attributes['http.response.status_code'] === 401);

      expect(answers.map(({ status }) => status)).toEqual([401, 401]);
      expect(refused).toHaveLength(2);
      expect(refused.map(({ parent }) => parent || undefined)).toEqual([undefined, undefined]);
      expect(collector.spans.filter(({ trace }) => trace === joined.trace)).toEqual([]);
    },
  );

  it('a caller that does not sample is followed: none of its spans is exported', async () => {
    const { client, collector } = running;
    const { trace, parent } = newTrace();
    const later = newTrace();

    await client('GET /v1/ping', { headers: { traceparent: `00-${trace}-${parent}-00` } });
    await client('GET /v1/ping', { headers: { traceparent: later.traceparent } });
    await spanOf(later.trace, 'GET /v1/ping');

    expect(collector.spans.filter((span) => span.trace === trace)).toEqual([]);
  });

  it('no export has a word of a memory, a query, a user or a key', () => {
    const { collector } = running;
    const all = collector.texts.join('\n');

    expect(all.length).toBeGreaterThan(1_000);
    for (const word of ['Lisbon', 'tea', 'coffee', 'drink', 'cello', 'alice', 'cleo', key])
      expect(all, word).not.toMatch(new RegExp(`\\b${word}\\b`));
    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
  });
});

describe('a service without a collector', () => {
  it('a collector that cannot be reached delays neither requests nor the shutdown, and exports nothing', async () => {
    const folder = temporaryFolder();
    const service = await startService({
      TURNSTONE_DATA_DIR: folder.path,
      TURNSTONE_API_KEY: key,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      OTEL_BSP_SCHEDULE_DELAY: '10',
      OTEL_METRIC_EXPORT_INTERVAL: '100',
    });

    const { status } = await httpClient(service.url, key)('GET /v1/ping');
    service.child.kill('SIGTERM');
    const code = await service.ended;
    folder.remove();

    expect([status, code]).toEqual([200, 0]);
    expect(service.err()).not.toContain('Error:');
  });

  it('an exporter that is disabled loads nothing of OpenTelemetry', async () => {
    const folder = temporaryFolder();
    const service = await startService({
      TURNSTONE_DATA_DIR: folder.path,
      TURNSTONE_API_KEY: key,
      NODE_DEBUG: 'esm',
      OTEL_SDK_DISABLED: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    });
    service.child.kill('SIGTERM');
    await service.ended;
    folder.remove();

    expect(service.err()).toContain('hono');
    expect(service.err()).not.toContain('@opentelemetry');
  });
});
