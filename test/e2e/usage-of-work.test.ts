import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/http-client.ts';
import { finalEvent, say } from '../support/in-memory-service.ts';
import { startOpenAiServer } from '../support/openai-server.ts';
import { type RunningService, startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import { eventually } from '../support/webhook-service.ts';

const key = 'a-key-of-the-test-0123456789';
const folder = temporaryFolder();
let model: Awaited<ReturnType<typeof startOpenAiServer>>;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let settings: NodeJS.ProcessEnv;
let service: RunningService;

const stop = async (signal: NodeJS.Signals): Promise<void> => {
  service.child.kill(signal);
  await service.ended;
};

beforeAll(async () => {
  [model, receiver] = await Promise.all([startOpenAiServer(), startReceiver()]);
  settings = {
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: key,
    TURNSTONE_MODEL_PRICES: '2,10',
    TURNSTONE_METRICS_PORT: '0',
    TURNSTONE_WEBHOOK_SCHEDULE: '0',
    TURNSTONE_WEBHOOK_ALLOW: `${receiver.pair},127.0.0.1:9`,
    OPENAI_BASE_URL: model.url,
  };
  service = await startService(settings);
});
afterAll(async () => {
  await stop('SIGKILL');
  await Promise.all([model.close(), receiver.close()]);
  folder.remove();
});

describe('the usage of a project', () => {
  it('refinements, their tokens and cost, and deliveries are counted, also after a restart', async () => {
    const client = httpClient(service.url, key);
    for (const url of [receiver.url, 'http://127.0.0.1:9/closed'])
      await client('POST /v1/endpoints', { body: { url, event_types: ['event.succeeded'] } });
    const { body } = await client('POST /v1/turns', { body: say('I live in Lisbon.') });
    const { tokens } = await finalEvent(client, body.event_id);

    const { total } = await eventually(
      client,
      'GET /v1/usage',
      (usage) => usage.total.deliveries > 0 && usage.total.failed_deliveries > 0,
    );
    const metricsUrl = /http:\/\/\S+\/metrics/.exec(service.out())?.[0] ?? '';
    const metrics = await (await fetch(metricsUrl)).text();
    await stop('SIGTERM');
    service = await startService(settings);
    const later = await httpClient(service.url, key)('GET /v1/usage');

    const work = {
      refinements: 1,
      tokens,
      model_cost: (tokens.prompt * 2 + tokens.completion * 10) / 1e6,
      deliveries: 1,
      failed_deliveries: 1,
    };
    expect(tokens.prompt).toBeGreaterThan(0);
    expect(total).toMatchObject(work);
    expect(metrics).toContain('turnstone_webhook_attempts_total{error="none"} 1');
    expect(metrics).toMatch(/turnstone_webhook_attempts_total\{error="(?!none)\w+"\} 1/);
    expect(later.body.total).toMatchObject(work);
  });
});
