import { setTimeout as after } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { createRandom } from '../../shared/simulation/random.ts';
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
import { idOf, type Receiver, startReceiver } from '../support/webhook-receiver.ts';

const seed = Number(process.env['FAULT_SEED'] ?? 1);
/** Number of dispatchers to kill. */
const maxKills = 3;
/** Response time of the receiver: copies of a hint arrive during the attempt. */
const responseMs = 150;

let deployment: Deployment;
let receiver: Receiver;
let writer: Writer;
/** Turns delivered while dispatchers were killed; some notifications are repeated when the leases expire. */
let interrupted: { subscriber: Subscriber; turns: Acknowledged[] };

beforeAll(async () => {
  receiver = await startReceiver();
  receiver.usually({ status: 200, afterMs: responseMs });
  deployment = await deploy({
    dynamoDbEndpoint: inject('dynamoDbEndpoint'),
    settings: {
      TURNSTONE_WEBHOOK_ALLOW: receiver.pair,
      TURNSTONE_WEBHOOK_SCHEDULE: '0,1,1,1',
      // A lease lasts this and fifteen seconds more.
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

/** Adds turns of a subscriber's user while calls are interfered with. */
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

/** Whether a call records an attempt. */
const isRecording = ({ operation, input }: Call): boolean =>
  operation === 'TransactWriteItems' && JSON.stringify(input).includes('ATTEMPT#');

describe('webhooks of the deployed artefacts under faults', () => {
  it('dispatchers are killed at any call while turns are delivered', async () => {
    const subscriber = await subscribe(deployment, receiver, { max_in_flight: 64 });
    const kills = killing(deployment, createRandom(seed), {
      name: 'dispatcher',
      max: maxKills,
      surelyAt: isRecording,
    });

    const turns = await add(subscriber, { turns: 3, facts: 4 }, kills.interference);

    interrupted = { subscriber, turns };
    await expect.poll(kills.count, { timeout: 60_000 }).toBe(maxKills);
  }, 100_000);

  it('every notification arrives although hints are dropped, doubled, refused, late and out of order', async () => {
    const random = createRandom(seed);
    const kinds = amid(Object.values(faultKinds(random)), isNotificationSend);
    const faults = byChance(random, kinds, 0.5);
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 2, facts: 3 }, faults.interference);

    expect(await subscriber.complaints(turns)).toEqual([]);
    expect(faults.count()).toBeGreaterThan(2);
  }, 100_000);

  it('every notification arrives although no hint can be sent for a while, and dispatchers can send none', async () => {
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

  it('every notification arrives once although each hint comes fifty times at once', async () => {
    const multiply = multiplyHints(50);
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 1, facts: 1 }, (call, send) =>
      isNotificationSend(call) ? multiply(call, send) : send(),
    );

    expect(await subscriber.complaints(turns)).toEqual([]);
    expect(subscriber.requests()).toHaveLength(3);
  }, 100_000);

  it('every notification arrives although the table throttles, answers late or never, and finds conflicts', async () => {
    const random = createRandom(seed);
    const kinds = amid(
      Object.values(faultKinds(random)),
      (call) => isOfDispatch(call) && !isNotificationSend(call),
    );
    const faults = byChance(random, kinds, 0.7);
    const subscriber = await subscribe(deployment, receiver);

    const turns = await add(subscriber, { turns: 2, facts: 3 }, faults.interference);

    // A claim whose answer was lost costs a lease and no request.
    expect(await subscriber.complaints(turns, { lost: 2, again: false })).toEqual([]);
    expect(faults.count()).toBeGreaterThan(5);
  }, 100_000);

  it('every notification of killed dispatchers arrives after their leases expire, with at most one repetition per kill', async () => {
    const { subscriber, turns } = interrupted;

    const complaints = await subscriber.complaints(turns, { lost: maxKills, again: true });

    const ids = subscriber.requests().map(idOf);
    expect(complaints).toEqual([]);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
  }, 100_000);
});

describe('after all faults', () => {
  it('no fault leaves a message in a dead-letter queue or an error in a log', () => {
    const errors = deployment.lines.filter((line) => line.includes('"level":"error"'));

    expect(deployment.deadLetters()).toEqual([]);
    expect(errors).toEqual([]);
  });
});
