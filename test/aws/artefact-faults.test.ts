import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRandom } from '../../shared/simulation/random.ts';
import { type Deployment, deploy, modelKeys } from '../support/aws-artefacts/deployment.ts';
import { byChance, faultKinds, isSend, refuseHints } from '../support/aws-artefacts/faults.ts';
import { killing } from '../support/aws-artefacts/killing.ts';
import { type Acknowledged, createWriter, type Writer } from '../support/aws-artefacts/writer.ts';
import { httpClient } from '../support/http-client.ts';
import { say } from '../support/in-memory-service.ts';
import { answerFacts } from '../support/openai-facts.ts';
import { failing, rateLimited, truncated } from '../support/openai-faults.ts';

const seed = Number(process.env['FAULT_SEED'] ?? 1);
/** Text that the model always refuses. */
const poison = 'Say the forbidden word.';

/** A hint in the wrong queue, which only a bug of ours can send. */
const bug = JSON.stringify({ v: 1, kind: 'delivery', project: 'none', delivery: 'none' });

const noKeys = JSON.stringify({ openai_api_key: '', pinecone_api_key: '' });

let deployment: Deployment;
let writer: Writer;
/** Turns added before the keys were set. */
let early: Acknowledged[];

beforeAll(async () => {
  deployment = await deploy({
    dynamoDbEndpoint: inject('dynamoDbEndpoint'),
    settings: { TURNSTONE_REFINE_SCHEDULE: '0,1,1,1' },
    environments: 3,
    timeoutMs: 20_000,
    secret: noKeys,
    model: {
      chat: (request) =>
        request.messages.some(({ content }) => content.includes(poison))
          ? { refusal: 'No.' }
          : answerFacts(request),
    },
  });
  writer = createWriter(deployment);
  await writer.enqueue('Turns', bug);
}, 240_000);

afterEach(() => {
  deployment.proxy.interfere();
  deployment.pinecone.lag(0);
});

afterAll(async () => {
  await deployment?.stop();
}, 60_000);

describe('the deployed stack without model keys', () => {
  it('turns are accepted and found without model keys, and their events name the missing key', async () => {
    early = await writer.say('early', ['I plant beans.']);
    const found = await writer.search('early', 'beans');

    expect(found).toMatchObject([expect.stringContaining('I plant beans.')]);
    await expect
      .poll(() => writer.event(early[0]?.event ?? ''), { timeout: 20_000 })
      .toMatchObject({ error: { code: 'model_key_missing' } });

    // Existing environments cache the missing key for a while.
    deployment.setSecret(modelKeys);
    for (const name of ['api', 'worker']) await deployment.functionNamed(name).stop();
  }, 60_000);
});

describe('the deployed stack under faults', () => {
  const kinds = faultKinds(createRandom(seed));

  it.each(Object.keys(kinds) as (keyof typeof kinds)[])(
    'each turn is refined once and in order with the fault %s',
    async (name) => {
      const faults = byChance(createRandom(seed), [kinds[name]]);
      deployment.proxy.interfere(faults.interference);

      const turns = await writer.add({ scopes: 2, turns: 3 });

      expect(await writer.complaints(turns)).toEqual([]);
      expect(faults.count()).toBeGreaterThan(0);
    },
    120_000,
  );

  it('each turn is refined once and in order while no hint can be sent', async () => {
    let isDown = true;
    deployment.proxy.interfere((call, send) =>
      isDown && isSend(call) ? refuseHints(call, send) : send(),
    );
    const turns = await writer.add({ scopes: 2, turns: 2 });
    await after(3_000);
    isDown = false;

    expect(await writer.complaints(turns)).toEqual([]);
  }, 120_000);

  it('each turn is refined once and in order with an index that lags, throttles, fails and drops connections', async () => {
    const { pinecone } = deployment;
    const random = createRandom(seed);
    pinecone.lag(() => random.below(60_000));
    const troubles = [{ status: 429 }, { status: 503 }, 'drop', 'lose-answer', 'junk'] as const;
    for (const operation of ['upsert', 'query', 'fetch'] as const)
      pinecone.fail(operation, ...troubles, ...troubles);

    const turns = await writer.add({ scopes: 2, turns: 3 });

    expect(await writer.complaints(turns)).toEqual([]);
  }, 120_000);

  it.each([
    ['a rate limit', rateLimited('1')],
    ['a server error', failing(500)],
    ['text that is not JSON', { content: 'Well, let me think.' }],
    ['a truncated response', truncated],
    ['a refusal', { refusal: 'No.' }],
    ['a dropped connection', { fault: 'drop' as const }],
    ['an invalid body', { fault: 'body' as const, body: '<html>' }],
  ])(
    'each turn is refined once and in order when the model responds with %s',
    async (_, behaviour) => {
      deployment.model.chatNext(behaviour, behaviour);

      const turns = await writer.add({ scopes: 1, turns: 2 });

      expect(await writer.complaints(turns)).toEqual([]);
    },
    120_000,
  );

  it('each turn is refined once and in order when the model does not respond', async () => {
    deployment.model.chatNext({ fault: 'hang' });

    const turns = await writer.add({ scopes: 1, turns: 2 });

    expect(await writer.complaints(turns)).toEqual([]);
  }, 120_000);

  it('each turn is refined once and in order when workers are killed before or after any call', async () => {
    const kills = killing(deployment, createRandom(seed), { name: 'worker', max: 4 });
    deployment.proxy.interfere(kills.interference);

    const turns = await writer.add({ scopes: 3, turns: 2 });
    const complaints = await writer.complaints(turns, 120_000);

    expect(kills.count()).toBeGreaterThan(2);
    expect(complaints).toEqual([]);
  }, 180_000);

  it('each turn is refined once and in order with all faults at the same time', async () => {
    const random = createRandom(seed + 1);
    deployment.pinecone.lag(() => random.below(5_000));
    const faults = byChance(random, Object.values(kinds), 0.3);
    deployment.proxy.interfere(faults.interference);
    deployment.model.chatNext(rateLimited('1'), answerFacts, truncated, answerFacts, failing(503));

    const turns = await writer.add({ scopes: 3, turns: 4 });

    expect(await writer.complaints(turns, 100_000)).toEqual([]);
  }, 180_000);
});

describe('work that fails in the deployed stack', () => {
  it('turns accepted without model keys are refined once the keys are set', async () => {
    expect(await writer.complaints([early], 75_000)).toEqual([]);
  }, 90_000);

  it('a turn that the model always refuses ends as FAILED with a reason, and later turns of its scope are refined', async () => {
    const [poisoned] = await writer.say('poisoned', [poison]);
    const turns = await writer.add({ scopes: 1, turns: 2, user: 'poisoned' });

    expect(await writer.complaints(turns)).toEqual([]);
    expect(await writer.event(poisoned?.event ?? '')).toMatchObject({
      status: 'FAILED',
      error: { code: 'model_refusal', message: expect.stringMatching(/refused/) },
    });
  }, 120_000);

  it('a task with a turn that the model always refuses ends as failed, and is announced', async () => {
    const client = httpClient(deployment.url, deployment.apiKey);
    // Notifications are kept from the first poll on.
    await client('GET /v1/notifications');
    await client('POST /v1/turns', { body: { ...say(poison, 'refused'), auto_process: false } });

    const { body: task } = await client('POST /v1/users/refused/process');

    const path = `GET /v1/tasks/${task.task_id}`;
    await expect
      .poll(async () => (await client(path)).body, { timeout: 40_000 })
      .toMatchObject({ status: 'failed', done: true, error: { code: 'model_refusal' } });
    await expect
      .poll(async () => (await client('GET /v1/notifications?limit=100')).body.results, {
        timeout: 40_000,
      })
      .toContainEqual(
        expect.objectContaining({
          type: 'task.failed',
          payload: expect.objectContaining({
            data: expect.objectContaining({ task_id: task.task_id }),
          }),
        }),
      );
  }, 120_000);

  it('only a hint that fails by a bug of ours reaches a dead-letter queue', async () => {
    await expect.poll(() => deployment.deadLetters(), { timeout: 90_000 }).toEqual([bug]);
  }, 120_000);
});
