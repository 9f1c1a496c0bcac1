import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Call } from '../support/aws-artefacts/aws-calls.ts';
import type { Interference } from '../support/aws-artefacts/aws-proxy.ts';
import { type Deployment, deploy } from '../support/aws-artefacts/deployment.ts';
import {
  amid,
  byChance,
  faultKinds,
  isNotificationSend,
  multiplyHints,
  refuseHints,
} from '../support/aws-artefacts/faults.ts';
import { killing } from '../support/aws-artefacts/killing.ts';
import { factsOf, type Subscriber, subscribe } from '../support/aws-artefacts/subscriber.ts';
import { type Acknowledged, createWriter, type Writer } from '../support/aws-artefacts/writer.ts';
import { createRandom } from '../support/simulation/random.ts';
import { idOf, type Receiver, startReceiver } from '../support/webhook-receiver.ts';

const seed = Number(process.env['FAULT_SEED'] ?? 1);
/** Dispatchers that are killed. */
const maxKills = 3;
/** So long a receiver thinks: others may come to a delivery while it is being made. */
const thinkingMs = 150;

let deployment: Deployment;
let receiver: Receiver;
let writer: Writer;
/** What was told to them when dispatchers were killed: some of it once more when the leases have run out. */
let bereft: { subscriber: Subscriber; turns: Acknowledged[] };

beforeAll(async () => {
  receiver = await startReceiver();
  receiver.usually({ status: 200, afterMs: thinkingMs });
  deployment = await deploy({
    dynamoDbEndpoint: inject('dynamoDbEndpoint'),
    settings: {
      TURNSTONE_WEBHOOK_ALLOW: receiver.pair,
      TURNSTONE_WEBHOOK_SCHEDULE: '0,1,1,1',
      // A lease is as long as this and fifteen seconds more.
      TURNSTONE_WEBHOOK_TIMEOUT_MS: '3000',
    },
    environments: 3,
    timeoutMs: 30_000,
  });
  writer = createWriter(deployment);
}, 240_000);

afterEach(() => deployment.proxy.interfere());

afterAll(async () => {
  await deployment?.stop();
  await receiver?.close();
}, 60_000);

/** Turns of somebody whose subscriber is to be told of them, while something goes wrong. */
const add = async (
  { user }: Subscriber,
  { turns, facts }: { turns: number; facts: number },
  interference: Interference,
): Promise<Acknowledged[]> => {
  deployment.proxy.interfere(interference);
  return writer.say(
    user,
    Array.from({ length: turns }, () => factsOf(facts)),
  );
};

const isOfDispatch = ({ principal }: Call): boolean =>
  principal === 'dispatcher' || principal === 'sweeper';

/** What a receiver has answered is about to be written down. */
const isRecording = ({ operation, input }: Call): boolean =>
  operation === 'TransactWriteItems' && JSON.stringify(input).includes('ATTEMPT#');

describe('whatever goes wrong, a customer is told each thing', () => {
  it('when dispatchers are killed at any call, as far as no lease stands in the way', async () => {
    const subscriber = await subscribe(deployment, receiver, { max_in_flight: 64 });
    const kills = killing(deployment, createRandom(seed), {
      name: 'dispatcher',
      max: maxKills,
      surelyAt: isRecording,
    });

    const turns = await add(subscriber, { turns: 3, facts: 4 }, kills.interference);

    bereft = { subscriber, turns };
    await expect.poll(kills.count, { timeout: 60_000 }).toBe(maxKills);
  }, 100_000);

  it('with hints dropped, doubled, refused, late and out of order', async () => {
    const random = createRandom(seed);
    const kinds = amid(Object.values(faultKinds(random)), isNotificationSend);
    const faults = byChance(random, kinds, 0.5);
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 2, facts: 3 }, faults.interference);

    expect(await subscriber.complaints(turns)).toEqual([]);
    expect(faults.count()).toBeGreaterThan(2);
  }, 100_000);

  it('while no hint can be sent for a while, and a dispatcher can send none at all', async () => {
    let isDown = true;
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 2, facts: 3 }, (call, send) =>
      isNotificationSend(call) && (isDown || call.principal === 'dispatcher')
        ? refuseHints(call, send)
        : send(),
    );
    await after(2_000);
    const meanwhile = subscriber.requests().length;
    isDown = false;

    expect(await subscriber.complaints(turns)).toEqual([]);
    expect(meanwhile).toBe(0);
  }, 100_000);

  it('once, though there are fifty copies of each hint at once', async () => {
    const multiply = multiplyHints(50);
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 1, facts: 1 }, (call, send) =>
      isNotificationSend(call) ? multiply(call, send) : send(),
    );

    expect(await subscriber.complaints(turns)).toEqual([]);
    expect(subscriber.requests()).toHaveLength(3);
  }, 100_000);

  it('with a table that throttles, answers late or never, and finds conflicts', async () => {
    const random = createRandom(seed);
    const kinds = amid(
      Object.values(faultKinds(random)),
      (call) => isOfDispatch(call) && !isNotificationSend(call),
    );
    const faults = byChance(random, kinds, 0.7);
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 2, facts: 3 }, faults.interference);

    // A claim whose answer never came costs a lease, and no request.
    expect(await subscriber.complaints(turns, { lost: 2, again: false })).toEqual([]);
    expect(faults.count()).toBeGreaterThan(5);
  }, 100_000);

  it('once more at most for each kill, when the leases of the killed have run out', async () => {
    const { subscriber, turns } = bereft;

    const complaints = await subscriber.complaints(turns, { lost: maxKills, again: true });

    const told = subscriber.requests().map(idOf);
    expect(complaints).toEqual([]);
    expect(told.length).toBeGreaterThan(new Set(told).size);
  }, 100_000);
});

describe('all that', () => {
  it('leaves nothing in a dead-letter queue, and no error in a log', () => {
    const errors = deployment.lines.filter((line) => line.includes('"level":"error"'));

    expect(deployment.deadLetters()).toEqual([]);
    expect(errors).toEqual([]);
  });
});
