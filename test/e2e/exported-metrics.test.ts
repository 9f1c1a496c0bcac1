import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/http-client.ts';
import { finalEvent, say } from '../support/in-memory-service.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { type ReceivedPoint, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const key = 'a-key-of-the-test-0123456789';

const start = async (settings: NodeJS.ProcessEnv) => {
  const folder = temporaryFolder();
  const [collector, model] = await Promise.all([startOtlpReceiver(), startOpenAiServer()]);
  const service = await startService({
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: key,
    TURNSTONE_METRICS_PORT: '0',
    OPENAI_BASE_URL: model.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: '100',
    OTEL_BSP_SCHEDULE_DELAY: '50',
    ...settings,
  });
  return {
    collector,
    service,
    client: httpClient(service.url, key),
    async close(signal: NodeJS.Signals = 'SIGKILL') {
      service.child.kill(signal);
      await service.ended;
      await Promise.all([collector.close(), model.close()]);
      folder.remove();
    },
  };
};

const pointOf = (
  points: readonly ReceivedPoint[],
  name: string,
  labels: { [name: string]: string } = {},
): ReceivedPoint | undefined =>
  points.find(
    (point) =>
      point.name === name &&
      Object.entries(labels).every(([label, value]) => point.labels[label] === value),
  );

let running: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  running = await start({ OTEL_TRACES_EXPORTER: 'none' });
  const { client } = running;
  const { body } = await client('POST /v1/turns', { body: say('I live in Lisbon.') });
  await finalEvent(client, body.event_id);
});
afterAll(() => running.close());

describe('metrics over OTLP', () => {
  it('a turn is counted from its request over the calls of the model to its memories', async () => {
    const points = await running.collector.measures(
      (all) => pointOf(all, 'turnstone.turns.refined')?.value === 1,
    );

    expect(pointOf(points, 'turnstone.requests', { route: '/v1/turns' })).toMatchObject({
      kind: 'counter',
      service: 'turnstone',
      value: 1,
      labels: { method: 'POST', status: '202' },
    });
    expect(pointOf(points, 'turnstone.request.duration', { route: '/v1/turns' })).toMatchObject({
      kind: 'histogram',
      unit: 's',
      count: 1,
    });
    expect(pointOf(points, 'process.resident.memory')).toMatchObject({ kind: 'gauge', unit: 'By' });
    const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' };
    const duration = pointOf(points, 'gen_ai.client.operation.duration', chat);
    expect(duration).toMatchObject({ kind: 'histogram', unit: 's' });
    expect(duration?.bounds?.slice(0, 3)).toEqual([0.01, 0.02, 0.04]);
    expect(duration?.bucketCounts?.reduce((sum, count) => sum + count, 0)).toBe(duration?.count);
    expect(
      pointOf(points, 'gen_ai.client.operation.duration', { 'gen_ai.operation.name': 'embeddings' })
        ?.count,
    ).toBeGreaterThan(0);
    for (const type of ['input', 'output']) {
      const tokens = pointOf(points, 'gen_ai.client.token.usage', {
        ...chat,
        'gen_ai.token.type': type,
      });
      expect(tokens).toMatchObject({ kind: 'histogram', unit: '{token}' });
      expect(tokens?.value).toBeGreaterThan(0);
    }
  });

  it('the figures are those of /metrics', async () => {
    const { service, collector } = running;
    const metricsUrl = /http:\/\/\S+\/metrics/.exec(service.out())?.[0] ?? '';
    const names = {
      turnstone_turns_accepted_total: 'turnstone.turns.accepted',
      turnstone_requests_total: 'turnstone.requests',
      turnstone_memory_changes_total: 'turnstone.memory.changes',
      turnstone_refinement_duration_seconds: 'turnstone.refinement.duration',
      gen_ai_client_operation_duration_seconds: 'gen_ai.client.operation.duration',
      gen_ai_client_token_usage: 'gen_ai.client.token.usage',
    };
    const served = async () => {
      const text = await (await fetch(metricsUrl)).text();
      return Object.keys(names).map((name) =>
        [...text.matchAll(new RegExp(`^${name}(?:_count)?(?:\\{.*\\})? (\\d+)$`, 'gm'))].reduce(
          (sum, [, value]) => sum + Number(value),
          0,
        ),
      );
    };
    const exported = (points: readonly ReceivedPoint[]) =>
      Object.values(names).map((name) =>
        points
          .filter((point) => point.name === name)
          .reduce((sum, { value, count }) => sum + Number(count ?? value), 0),
      );
    const differences = async () => {
      const [shown, sent] = [await served(), exported(await collector.measures(() => true))];
      return shown.map((figure, at) => figure - (sent[at] ?? 0));
    };

    expect((await served()).map((figure) => figure > 0)).toEqual(
      Object.keys(names).map(() => true),
    );
    await expect.poll(differences, { timeout: 20_000 }).toEqual(Object.values(names).map(() => 0));
  });

  it('no export has a word of a memory, a user or a key', () => {
    const { collector } = running;
    const all = collector.texts.join('\n');

    expect(all.length).toBeGreaterThan(1_000);
    for (const word of ['Lisbon', 'alice', key])
      expect(all, word).not.toMatch(new RegExp(`\\b${word}\\b`));
  });

  it('an exporter of traces that is none leaves the metrics alone', () => {
    expect(new Set(running.collector.paths)).toEqual(new Set(['/v1/metrics']));
  });

  it('a service that is stopped exports the last values first', async () => {
    const { collector, client, close } = await start({ OTEL_METRIC_EXPORT_INTERVAL: '3600000' });

    await client('GET /v1/ping');
    await close('SIGTERM');
    const points = await collector.measures(() => true);

    expect(pointOf(points, 'turnstone.requests', { route: '/v1/ping' })?.value).toBe(1);
  });

  it('an exporter of metrics that is none exports traces alone', async () => {
    const { collector, client, close } = await start({ OTEL_METRICS_EXPORTER: 'none' });

    await client('GET /v1/ping');
    await collector.arrives(({ name }) => name === 'GET /v1/ping');
    await close('SIGTERM');

    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
  });
});
